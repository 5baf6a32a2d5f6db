import { kebabCaseFlags } from "./flag.js";
import { createProgram } from "./program.js";
import { createTerminal } from "./terminal.js";

/**
 * Runs one `csl` command line in this process, e.g. `["train", "--data", "scenes"]`.
 *
 * @param signal aborted: a training finishes its step, saves and stops.
 * @throws what the command throws; a message of ours for bad input.
 */
export async function runCommand(
  args: readonly string[],
  { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const program = createProgram(({ quiet = false }) => ({
    terminal: createTerminal(process.stdout, process.stderr, { quiet }),
    signal,
  }));
  await program.parseAsync(kebabCaseFlags(args), { from: "user" });
}
