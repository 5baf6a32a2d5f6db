import type { Clock } from "./clock.js";

/** Holds all downloads back when a server asks for a pause: it means the client, not one image. */
export class PauseGate {
  #until = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nobody starts for so many milliseconds. */
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
