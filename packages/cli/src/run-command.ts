import { kebabCaseFlags } from "./flags/flag.js";
import { createProgram } from "./program.js";
import { createTerminal } from "./terminal/terminal.js";

export interface RunCommandOptions {
  /** Aborted: a training finishes its step, saves and stops. */
  signal?: AbortSignal;
  /** Where results go. Default: standard output. */
  out?: { write(text: string): unknown };
  /** Where narration and progress go. Default: standard error. */
  err?: { write(text: string): unknown };
}

/**
 * Runs one `csl` command line in this process, e.g. `["train", "--data", "scenes"]`.
 *
 * @throws what the command throws; for bad input an error whose message says what was expected and the way out.
 */
export async function runCommand(
  args: readonly string[],
  {
    signal = new AbortController().signal,
    out = process.stdout,
    err = process.stderr,
  }: RunCommandOptions = {},
): Promise<void> {
  const program = createProgram(({ quiet = false }) => ({
    terminal: createTerminal(out, err, { quiet }),
    signal,
  }));
  await program.parseAsync(kebabCaseFlags(args), { from: "user" });
}
