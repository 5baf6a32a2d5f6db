/**
 * Shared memory for batches, all of one size. What is given back is lent again, so that a run allocates no more than
 * the batches that exist at one time. That matters: the garbage collector does not count shared memory, and would let
 * gigabytes of it lie about.
 */
export class BatchMemory {
  #free: SharedArrayBuffer[] = [];

  constructor(readonly bytes: number) {}

  take(): SharedArrayBuffer {
    return this.#free.pop() ?? new SharedArrayBuffer(this.bytes);
  }

  /** Only memory that nobody writes to or reads any more. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#free.push(memory);
  }
}
