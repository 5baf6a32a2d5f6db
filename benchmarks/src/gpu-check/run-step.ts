import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder of the benchmarks: programs run in it. */
export const benchmarksFolder: string = fileURLToPath(new URL("../..", import.meta.url));

export interface StepOptions {
  /** Ends the program and all that it started. */
  signal: AbortSignal;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/**
 * Runs a program to its end and takes what it prints.
 *
 * @throws with the line of its errors that says what went wrong
 */
export function runStep(
  command: string,
  args: readonly string[],
  { signal, env = process.env, cwd = benchmarksFolder }: StepOptions,
): Promise<string> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A group of its own: what it starts ends with it.
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const text = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (data: string) => {
      text.out += data;
    });
    child.stderr.setEncoding("utf8").on("data", (data: string) => {
      text.err += data;
    });
    const stop = (): void => endGroup(child.pid);
    signal.addEventListener("abort", stop, { once: true });
    child.on("error", reject);
    child.on("close", (code, ended) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return reject(new StepError((signal.reason as Error).message, text.out));
      if (code === 0) return resolve(text.out);
      reject(
        new StepError(`${command} ended by ${ended ?? code}: ${errorLine(text.err || text.out)}`, text.out),
      );
    });
  });
}

/** A program that failed; it may have printed findings before. */
export class StepError extends Error {
  readonly stdout: string;

  constructor(message: string, stdout: string) {
    super(message);
    this.stdout = stdout;
  }
}

/** Node on one of our programs, from sources. */
export function nodeArguments(program: string): string[] {
  return ["--conditions=@csl/source", "--import", "tsx", fileURLToPath(new URL(program, import.meta.url))];
}

/** Ends a process and all processes of its group. */
export function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {} // it has ended
}

/** The line that says what went wrong: Python's comes last, Node's before its stack. */
export function errorLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const named = lines.filter((line) => /^\s*(\w+[.\w]*(Error|Exception)\b|csl\b)/.test(line));
  return (named.at(-1) ?? lines.at(-1) ?? "it said nothing").trim().slice(0, 300);
}
