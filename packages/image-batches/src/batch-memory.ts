/**
 * Shared memory for batches, all of one size. What is given back is lent again, so that a run allocates no more than
 * the batches that exist at one time. That matters: the garbage collector does not count shared memory, and would let
 * gigabytes of it lie about.
 */
export class BatchMemory {
  #free: SharedArrayBuffer[] = [];

  constructor(readonly bytes: number) {}

  take(): SharedArrayBuffer {
    const free = this.#free.pop();
    if (free) return free;
    try {
      return new SharedArrayBuffer(this.bytes);
    } catch (cause) {
      throw new RangeError(
        `image loader: expected room for a batch of ${(this.bytes / 1e9).toFixed(1)} GB, got none. ` +
          "Lower batchSize, size or prefetch, or choose dtype uint8.",
        { cause },
      );
    }
  }

  /** Only memory that nobody writes to or reads any more. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#free.push(memory);
  }
}
