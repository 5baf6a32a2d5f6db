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

/** Holds all downloads back when a server asks for a pause: it means the client, not one image. */
export class PauseGate {
  #until = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** No attempt starts for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#until = Math.max(this.#until, this.#clock.now() + milliseconds);
  }

  async pass(signal: AbortSignal): Promise<void> {
    for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await this.#clock.sleep(wait, signal);
  }

  #wait(): number {
    return this.#until - this.#clock.now();
  }
}

/**
 * How long to wait before the next attempt, in milliseconds: 0.5 s, doubled after each failure up to 30 s, of which the
 * upper half is random, so that many clients that failed together do not come back together.
 *
 * @param failures attempts that have failed so far, at least 1
 */
export function retryDelay(
  failures: number,
  random: () => number,
  { first = 500, most = 30_000 }: { first?: number; most?: number } = {},
): number {
  const full = Math.min(most, first * 2 ** (failures - 1));
  return full / 2 + (random() * full) / 2;
}

/** A server that asks for a longer wait is not obeyed, in milliseconds. */
const LONGEST_WAIT = 10 * 60_000;

/** A `Retry-After` header (seconds, or a date) in milliseconds from `now`; undefined when there is none. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined;
  const wait = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_WAIT, Math.max(0, wait));
}
