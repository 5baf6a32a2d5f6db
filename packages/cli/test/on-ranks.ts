import { ranksInProcess } from "@csl/test-support/ranks-in-process";
import type { Command } from "../src/flags/command.js";
import type { GivenFlags } from "../src/flags/config-file.js";
import type { Ranks } from "../src/ranks/ranks.js";
import { createTerminal, silent } from "../src/terminal/terminal.js";

interface OnRanksOptions {
  words?: readonly string[];
  signal?: (rank: number) => AbortSignal;
  /** Given what rank 0 says on standard error. */
  tell?: (text: string) => void;
}

/**
 * Runs a command on ranks that are functions of this process, each with flags of its own; on one, as one process alone.
 *
 * @returns what rank 0 printed, and how each rank ended
 */
export async function onRanks(
  size: number,
  command: Command,
  given: (rank: number) => GivenFlags,
  { words = [], signal = () => new AbortController().signal, tell = () => {} }: OnRanksOptions = {},
): Promise<{ out: string; ends: PromiseSettledResult<void>[] }> {
  let out = "";
  const terminal = createTerminal({ write: (text) => (out += text) }, { write: tell });
  const ends = await Promise.allSettled(
    ranksInProcess(size).map((one, rank) => {
      const group = { ...one, barrier: async () => {}, close: async () => {} } as Ranks["group"];
      const ranks: Ranks = {
        ...{ launcher: "a test", rank, size, localRank: rank, localSize: size, host: "", port: 1 },
        ...{ serves: rank === 0, name: "test", group },
      };
      const context = {
        ...{ terminal: rank === 0 ? terminal : silent, signal: signal(rank) },
        ranks: size === 1 ? undefined : ranks,
      };
      return command.execute({ ...given(rank) }, words, () => context, []);
    }),
  );
  return { out, ends };
}

/** The same for ranks that are given the same flags. @returns what rank 0 printed. @throws what the first rank threw */
export async function commandOnRanks(
  command: Command,
  flags: GivenFlags,
  { size, signal, ...options }: Omit<OnRanksOptions, "signal"> & { size: number; signal?: AbortSignal },
): Promise<string> {
  const { out, ends } = await onRanks(size, command, () => flags, {
    ...options,
    ...(signal && { signal: () => signal }),
  });
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return out;
}
