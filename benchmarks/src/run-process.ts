import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Runs a reader in a process of its own, in the benchmarks' folder, and takes the JSON that it prints. */
export async function runProcess<T>(command: string, args: string[]): Promise<T> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const { stdout } = await promisify(execFile)(command, args, { cwd, env });
  return JSON.parse(stdout) as T;
}

/** The same for a program's text: it finds the packages as built, since our condition is not given. */
export function runNode<T>(program: string): Promise<T> {
  return runProcess(process.execPath, ["--input-type=module", "--eval", program]);
}

/** The line of a failed process's error that says what it is. */
export function errorReason(error: Error & { stderr?: string }): string {
  const lines = (error.stderr || error.message).split("\n");
  return (lines.find((line) => /Error/.test(line)) ?? lines[0]!).trim().slice(0, 100);
}
