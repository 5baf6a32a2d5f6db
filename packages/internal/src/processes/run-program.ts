import { execFile } from "node:child_process";

export interface ProgramResult {
  /** Exit code; undefined when the program did not start, or ended by a signal. */
  code: number | undefined;
  /** The signal that ended it. */
  signal: NodeJS.Signals | undefined;
  /** Why it did not start. */
  reason: string | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, without a shell. A missing program or a failure is a result, not an exception. */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd }: { cwd?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 1 << 26, ...(cwd ? { cwd } : {}) }, (error, stdout, stderr) => {
      const signal = error?.signal ?? undefined;
      const code = error ? (typeof error.code === "number" ? error.code : undefined) : 0;
      const reason = code === undefined && signal === undefined ? error?.message : undefined;
      resolve({ code, signal, reason, stdout, stderr });
    });
  });
}
