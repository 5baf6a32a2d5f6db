/**
 * Runs jobs side by side, at most `limit` at a time. It takes a new job only when there is room for it, so that a
 * million jobs are never in memory (p-limit queues them all), and throws a failure only when no job is running any
 * more, so that nothing is written afterwards (p-map rejects at once and leaves the others running).
 */
export class JobQueue {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #onRoom: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a job; resolves when there is room for another. @throws what an earlier job threw; the job is not started then */
  async add(job: () => Promise<void>): Promise<void> {
    await this.#check();
    const running = job()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(running);
        this.#onRoom?.();
      });
    this.#running.add(running);
    // Not Promise.race: each call would add a listener to every job, a slow one's would pile up.
    while (this.#running.size >= this.#limit && !this.#failure)
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    await this.#check();
  }

  /** Waits for all jobs. @throws what one of them threw */
  async finish(): Promise<void> {
    await this.settle();
    await this.#check();
  }

  /** Waits for all jobs, failed ones too. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #check(): Promise<void> {
    if (!this.#failure) return;
    await this.settle();
    throw this.#failure.error;
  }
}

/**
 * Runs `work` on the positions `from` … `to - 1`, up to `window` of them at a time, and yields the results in order.
 * A slow one holds the later ones back, so at most `window` results are waiting in memory.
 */
export async function* mapInOrder<T>(
  from: number,
  to: number,
  window: number,
  work: (position: number) => Promise<T>,
): AsyncGenerator<[position: number, result: T]> {
  const running: Promise<T>[] = [];
  let next = from;
  for (let position = from; position < to; position++) {
    while (next < to && running.length < window) {
      const result = work(next++);
      result.catch(() => {}); // a consumer that stops early does not make it an unhandled rejection
      running.push(result);
    }
    yield [position, await running.shift()!];
  }
}
