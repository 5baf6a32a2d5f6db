/** Runs so many works at a time. The first failure comes out of the next `add` or `drain`; no work begins after it. */
export class WorkQueue {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Begins a work, as soon as there is room for it. @throws what an earlier one threw */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Waits for all of them. @throws what one of them threw */
  async drain(): Promise<void> {
    await this.settle();
    this.#check();
  }

  /** Waits for all of them, whatever comes of it. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
