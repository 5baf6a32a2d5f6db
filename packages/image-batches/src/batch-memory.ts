/**
 * Shared memory for batches. What is given back is lent again, so that a long run allocates no more than the batches
 * that exist at one time; what is not given back is the garbage collector's.
 */
export class BatchMemory {
  #free: SharedArrayBuffer[] = [];
  /** Lent and complete: no thread writes to it any more. */
  #complete = new WeakSet<ArrayBufferLike>();

  /** @param keep spare buffers that are kept at most */
  constructor(readonly keep: number) {}

  take(bytes: number): SharedArrayBuffer {
    const at = this.#free.findIndex(({ byteLength }) => byteLength === bytes);
    return at < 0 ? new SharedArrayBuffer(bytes) : this.#free.splice(at, 1)[0]!;
  }

  /** From now on the memory may be given back. */
  complete(memory: SharedArrayBuffer): void {
    this.#complete.add(memory);
  }

  /** Takes back a complete batch's memory; anything else (a copy, the same batch twice) is left alone. */
  giveBack(memory: ArrayBufferLike): void {
    if (!this.#complete.delete(memory)) return;
    if (this.#free.length >= this.keep) this.#free.shift();
    this.#free.push(memory as SharedArrayBuffer);
  }
}
