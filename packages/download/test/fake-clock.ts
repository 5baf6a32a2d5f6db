import type { Clock } from "../src/fetch/waiting.js";

/** A clock for tests: sleeping takes no time, but is noted. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  #now = Date.parse("2026-01-01T00:00:00Z");

  now(): number {
    return this.#now;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  }
}
