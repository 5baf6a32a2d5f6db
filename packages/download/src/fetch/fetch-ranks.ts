import { setTimeout as sleep } from "node:timers/promises";
import { CslError } from "@csl/internal/errors/csl-error";

/** The processes that fetch one list together: a process group of `@csl/tfjs-backend-torch` is one. */
export interface FetchRanks {
  /** Of this process, from 0 on. */
  readonly rank: number;
  readonly size: number;
  /** Replaces numbers by their sum over the ranks. */
  allReduce(numbers: Float64Array): Promise<void>;
  /** Each rank's bytes, of any length, at rank 0; undefined elsewhere. */
  gather(bytes: Uint8Array): Promise<Uint8Array[] | undefined>;
}

/** Milliseconds after which ranks tell each other how far they are: none waits for another for long. */
const EVERY = 250;

/** Images per rank by their paths: the same one is never two ranks' to fetch. */
export function isOwn(path: string, { rank, size }: Pick<FetchRanks, "rank" | "size">): boolean {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193) >>> 0;
  return hash % size === rank;
}

/** Of `parallel` requests of all ranks those of one, at least 1. */
export function ownParallel(parallel: number, { rank, size }: Pick<FetchRanks, "rank" | "size">): number {
  return Math.max(1, Math.floor(parallel / size) + (rank < parallel % size ? 1 : 0));
}

/** Every rank is ready, or none begins. */
export async function agreeToBegin(ranks: FetchRanks, ready: boolean): Promise<void> {
  const failed = Float64Array.of(ready ? 0 : 1);
  await ranks.allReduce(failed);
  if (ready && failed[0]! > 0) throw elsewhere(false);
}

/**
 * Waits until all ranks have ended, and tells this one to stop when another one cannot go on.
 *
 * @param fetching what this rank does; it does not fail
 */
export async function fetchTogether(
  ranks: FetchRanks,
  fetching: Promise<void>,
  {
    state,
    counts,
    stop,
    onCounts,
  }: {
    state: () => { failed: boolean; stopped: boolean };
    counts: () => readonly number[];
    stop: (reason: unknown) => void;
    /** Called with the sums over the other ranks. */
    onCounts: (others: number[]) => void;
  },
): Promise<void> {
  let ended = false;
  const end = fetching.then(() => {
    ended = true;
  });
  try {
    for (;;) {
      const { failed, stopped } = state();
      const own = [ended ? 0 : 1, stopped ? 1 : 0, failed ? 1 : 0, ...counts()];
      const sums = Float64Array.from(own);
      await ranks.allReduce(sums);
      const [active = 0, stops = 0, failures = 0] = sums;
      onCounts(own.slice(3).map((count, i) => sums[i + 3]! - count));
      if (stops + failures > 0 && !failed && !stopped) stop(elsewhere(failures === 0));
      if (active === 0) return;
      const timer = new AbortController();
      const pause = sleep(EVERY, undefined, { signal: timer.signal }).catch(() => {});
      await (ended ? pause : Promise.race([end, pause]));
      timer.abort();
    }
  } catch (error) {
    stop(error);
    await fetching;
    throw error;
  }
}

/** Each rank's value, as JSON has it, at rank 0; undefined elsewhere. */
export async function gatherValues<T>(ranks: FetchRanks, value: T): Promise<T[] | undefined> {
  const all = await ranks.gather(new TextEncoder().encode(JSON.stringify(value)));
  return all?.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
}

function elsewhere(stopped: boolean): unknown {
  return stopped
    ? new DOMException("fetchImages: stopped with the other processes.", "AbortError")
    : new CslError(
        "failed",
        "fetchImages: stopped, because another process could not go on; its error says why. What has come is kept, and the " +
          "same call continues.",
      );
}
