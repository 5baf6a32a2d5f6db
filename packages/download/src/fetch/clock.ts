import { setTimeout as sleep } from "node:timers/promises";

/** Time as a parameter: tests hand in one that does not wait. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws the signal's reason when it is aborted meanwhile */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted(); // the reason itself, not Node's AbortError about it
      throw error;
    }
  },
};
