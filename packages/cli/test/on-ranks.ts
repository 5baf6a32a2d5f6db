import { ranksInProcess } from "@csl/test-support/ranks-in-process";
import type { Command } from "../src/flags/command.js";
import type { GivenFlags } from "../src/flags/config-file.js";
import type { Ranks } from "../src/ranks/ranks.js";
import { createTerminal, silent } from "../src/terminal/terminal.js";

/**
 * Runs a command on ranks that are functions of this process, each with flags of its own.
 *
 * @returns what rank 0 printed, and how each rank ended
 */
export async function onRanks(
  size: number,
  command: Command,
  given: (rank: number) => GivenFlags,
  signal: (rank: number) => AbortSignal = () => new AbortController().signal,
): Promise<{ out: string; ends: PromiseSettledResult<void>[] }> {
  let out = "";
  const terminal = createTerminal({ write: (text) => (out += text) }, { write: () => {} });
  const ends = await Promise.allSettled(
    ranksInProcess(size).map((one, rank) => {
      const group = { ...one, barrier: async () => {}, close: async () => {} } as Ranks["group"];
      const ranks: Ranks = {
        ...{ launcher: "a test", rank, size, localRank: rank, localSize: size, host: "", port: 1 },
        ...{ serves: rank === 0, name: "test", group },
      };
      const context = { terminal: rank === 0 ? terminal : silent, signal: signal(rank), ranks };
      return command.execute(given(rank), [], () => context, []);
    }),
  );
  return { out, ends };
}
