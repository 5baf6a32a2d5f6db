import { ranksInProcess } from "../../trainer/test/ranks-in-process.js";
import type { Command } from "../src/flags/command.js";
import type { GivenFlags } from "../src/flags/config-file.js";
import type { Ranks } from "../src/ranks/ranks.js";
import { createTerminal, silent } from "../src/terminal/terminal.js";

/**
 * For tests: a command on several ranks, which are async functions of this process; 1: as one process alone.
 *
 * @returns what rank 0 printed as its result.
 */
export async function commandOnRanks(
  command: Command,
  flags: GivenFlags,
  { size, words = [], signal = new AbortController().signal, tell = () => {} }: OnRanksOptions,
): Promise<string> {
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  const terminal = createTerminal(out, { write: tell }, { quiet: false });
  const run = (ranks?: Ranks): Promise<void> =>
    command.execute(
      { ...flags },
      words,
      () => ({ terminal: (ranks?.rank ?? 0) === 0 ? terminal : silent, signal, ranks }),
      [],
    );
  if (size === 1) await run();
  else {
    const ended = await Promise.allSettled(
      ranksInProcess(size).map((collectives) => {
        const { rank } = collectives;
        const group = { ...collectives, barrier: async () => {}, close: async () => {} } as Ranks["group"];
        const place = { launcher: "test", localRank: rank, localSize: size, host: "", port: 0, name: "" };
        return run({ ...place, rank, size, serves: rank === 0, group });
      }),
    );
    for (const end of ended) if (end.status === "rejected") throw end.reason;
  }
  return printed;
}

interface OnRanksOptions {
  size: number;
  words?: readonly string[];
  signal?: AbortSignal;
  /** Given what comes on standard error. */
  tell?: (text: string) => void;
}
