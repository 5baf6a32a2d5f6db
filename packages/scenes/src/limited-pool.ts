/** Runs jobs side by side, at most `limit` at a time. The first failure stops the intake and is thrown. */
export interface LimitedPool {
  /** Starts a job; resolves as soon as there is room for another. @throws what an earlier job threw. */
  add(job: () => Promise<void>): Promise<void>;
  /** Waits for all jobs. @throws what any job threw. */
  finish(): Promise<void>;
}

export function limitedPool(limit: number): LimitedPool {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const check = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    async add(job) {
      const task: Promise<void> = job()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => void running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
      check();
    },
    async finish() {
      await Promise.all(running);
      check();
    },
  };
}
