import { joinProcesses, type ProcessGroup } from "@csl/engine";
import { CslError } from "@csl/internal/errors/csl-error";
import { formatDuration } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { Place } from "./find-place.js";

/** The processes that run a command together. All call the same functions in the same order. */
export interface Ranks extends Place {
  group: ProcessGroup;
}

/**
 * Meets the other processes, and gives each a GPU of its own where the machine has several.
 *
 * @throws CslError `unsupported` without libtorch; `failed` when not all come within the time limit
 */
export async function joinRanks(
  place: Place,
  { timeout, terminal, signal }: { timeout: number; terminal: Terminal; signal: AbortSignal },
): Promise<Ranks> {
  chooseDevice(place);
  const { rank, size, host, port, serves, name, launcher } = place;
  const started = performance.now();
  // Compiling at the first use takes a minute, and so long the others wait.
  const waiting = setInterval(() => {
    const time = formatDuration((performance.now() - started) / 1000);
    terminal.status(`rank ${rank} of ${size} waits at ${host}:${port} for the others · ${time}`);
  }, 2000);
  try {
    const joined = await joinProcesses({
      ...{ rank, size, host, port, serves, timeout, name, signal },
      ...(process.env.GLOO_SOCKET_IFNAME && { interface: process.env.GLOO_SOCKET_IFNAME }),
      log: (line) => terminal.info(line),
    });
    terminal.endStatus();
    const machines = Math.ceil(size / place.localSize);
    terminal.info(
      `${size} processes (${launcher})${machines > 1 ? ` on ${machines} machines` : ""} work together; this is rank 0`,
    );
    return { ...place, group: joined };
  } finally {
    clearInterval(waiting);
  }
}

/** One GPU per process: the one of its place on the machine, of those that it is allowed to see. */
function chooseDevice({ localRank, localSize }: Place): void {
  const allowed = process.env.CUDA_VISIBLE_DEVICES?.split(",").filter((device) => device.trim() !== "");
  if (allowed === undefined) {
    if (localSize > 1) process.env.CUDA_VISIBLE_DEVICES = String(localRank);
  } else if (allowed.length > 1) process.env.CUDA_VISIBLE_DEVICES = allowed[localRank % allowed.length];
}

/**
 * What every rank does for itself, all of which must succeed: where it fails on one, all end with that.
 *
 * @returns this rank's result
 */
export async function onEveryRank<T>(ranks: Ranks | undefined, work: () => Promise<T>): Promise<T> {
  if (!ranks) return work();
  let result: T | undefined;
  let error: unknown;
  try {
    result = await work();
  } catch (thrown) {
    error = thrown ?? new CslError("failed", "stopped");
  }
  const words = await shareFailures(ranks, error);
  if (error !== undefined) throw error;
  if (words !== undefined) throw new CslError("failed", words);
  return result as T;
}

/** How often rank 0 lets the others know that it is still at work, in milliseconds: below the smallest time limit. */
const SIGN_OF_LIFE = 400;

/** Returns when rank 0's work is done, however long that takes: signs of life keep the time limit from ending the wait. */
async function waitForRankZero({ rank, group }: Ranks, work: Promise<unknown> | undefined): Promise<void> {
  const done = work?.then(
    () => true,
    () => true,
  );
  for (;;) {
    const state = new Uint8Array(1);
    if (rank === 0) {
      let timer: NodeJS.Timeout | undefined;
      const later = new Promise<boolean>((resolve) => {
        timer = setTimeout(resolve, SIGN_OF_LIFE, false);
      });
      state[0] = (await Promise.race([done, later])) ? 1 : 0;
      clearTimeout(timer);
    }
    await group.broadcast(state);
    if (state[0] === 1) return;
  }
}

/**
 * What rank 0 alone does, for as long as it likes, and whose result, as JSON has it, is every rank's.
 *
 * @throws on every rank what it throws on rank 0
 */
export async function onRankZero<T>(ranks: Ranks | undefined, work: () => Promise<T> | T): Promise<T> {
  if (!ranks) return work();
  const own = ranks.rank === 0 ? (async () => work())() : undefined;
  await waitForRankZero(ranks, own);
  const result = await onEveryRank(ranks, async () => own);
  return (await fromRankZero(ranks, result)) as T;
}

/** What leaves a file on a machine that all its processes read: the first of them does it, the others find it there. */
export async function oncePerMachine<T>(ranks: Ranks | undefined, work: () => Promise<T>): Promise<T> {
  if (!ranks) return work();
  const first = await onEveryRank(ranks, async () => (ranks.localRank === 0 ? work() : undefined));
  return onEveryRank(ranks, async () => (ranks.localRank === 0 ? (first as T) : work()));
}

/** Rank 0's value, as JSON has it, on every rank. */
async function fromRankZero<T>({ rank, group }: Ranks, value: T): Promise<T> {
  const own = rank === 0 ? new TextEncoder().encode(JSON.stringify({ value })) : new Uint8Array(0);
  const length = Float64Array.of(own.length);
  await group.broadcast(length);
  const bytes = rank === 0 ? own : new Uint8Array(length[0]!);
  await group.broadcast(bytes);
  return rank === 0 ? value : (JSON.parse(new TextDecoder().decode(bytes)) as { value: T }).value;
}

/** Every rank's value, as JSON has it, in their order, at rank 0; undefined elsewhere. */
export async function gatherJson<T>({ group }: Ranks, value: T): Promise<T[] | undefined> {
  const gathered = await group.gather(new TextEncoder().encode(JSON.stringify(value)));
  return gathered?.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
}

/** What failed on the first rank on which something did, in words; the same on all ranks. */
async function shareFailures(ranks: Ranks, error: unknown): Promise<string | undefined> {
  const own = error === undefined ? null : String((error as Error).message ?? error);
  const all = await gatherJson(ranks, own);
  const failed = all?.findIndex((words) => words !== null) ?? -1;
  const words = failed < 0 ? null : `rank ${failed} ended with an error: ${all![failed]}`;
  return (await fromRankZero(ranks, words)) ?? undefined;
}

/**
 * Refuses ranks that were started for different things, before any of them computes.
 *
 * @param own what must be the same everywhere, by name
 */
export async function expectSameOnRanks(
  speaker: string,
  ranks: Ranks | undefined,
  own: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!ranks) return;
  const first = await fromRankZero(ranks, own);
  await onEveryRank(ranks, async () => {
    const text = (value: unknown): string => JSON.stringify(value) ?? "none";
    const names = Object.keys({ ...first, ...own }).filter((name) => text(first[name]) !== text(own[name]));
    if (names.length === 0) return;
    const list = names.map((name) => `${name} ${text(own[name])} instead of ${text(first[name])}`);
    throw new CslError(
      "mismatch",
      `${speaker}: expected the same on every rank, got ${list.join(", ")} on rank ${ranks.rank}. ` +
        "Start all ranks with the same command line, versions and files.",
    );
  });
}
