import { execFile, spawnSync } from "node:child_process";
import { programStart } from "./program-start.js";

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

export interface ProgramOptions {
  /** The folder that it runs in. Default: the root folder, so that nothing in the person's folder is picked up. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which it is ended. Default: without limit. */
  timeout?: number;
  /** Aborted: the program is ended, and the result says so. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs a program to its end, without a shell and independent of the current folder (`programStart`). A missing program or
 * a failure is a result, not an exception.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { timeout, signal: stop, ...place }: ProgramOptions = {},
): Promise<ProgramResult> {
  const start = programStart(command, place);
  if (typeof start === "string") return Promise.resolve(notStarted(start));
  const { file, cwd, env } = start;
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { maxBuffer: 1 << 26, cwd, env, ...(timeout ? { timeout } : {}), ...(stop ? { signal: stop } : {}) },
      (error, stdout, stderr) => {
        const signal = error?.signal ?? undefined;
        const code = error ? (typeof error.code === "number" ? error.code : undefined) : 0;
        const reason = code === undefined && signal === undefined ? error?.message : undefined;
        resolve({ code, signal, reason, stdout, stderr });
      },
    );
  });
}

/** `runProgram` for a question that is answered at once, where a caller cannot wait. */
export function runProgramSync(
  command: string,
  args: readonly string[],
  { timeout, ...place }: Omit<ProgramOptions, "signal"> = {},
): ProgramResult {
  const start = programStart(command, place);
  if (typeof start === "string") return notStarted(start);
  const { file, cwd, env } = start;
  const options = {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    cwd,
    env,
    ...(timeout ? { timeout } : {}),
  } as const;
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, options);
  return {
    code: status ?? undefined,
    signal: signal ?? undefined,
    reason: status === null && signal === null ? error?.message : undefined,
    stdout: stdout ?? "",
    stderr: stderr ?? "",
  };
}

function notStarted(reason: string): ProgramResult {
  return { code: undefined, signal: undefined, reason, stdout: "", stderr: "" };
}
