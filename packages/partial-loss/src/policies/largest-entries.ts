/**
 * The k largest of the values offered, ties going to the smaller index: a bounded heap whose root is the worst entry
 * kept. One comparison for most entries, so k of millions costs one pass. Offer in ascending index order.
 */
export class LargestEntries {
  readonly #values: Float64Array;
  readonly #indices: Int32Array;
  #size = 0;

  constructor(readonly capacity: number) {
    this.#values = new Float64Array(capacity);
    this.#indices = new Int32Array(capacity);
  }

  clear(): void {
    this.#size = 0;
  }

  /** The kept indices, in no particular order; valid until the next offer. */
  get indices(): Int32Array {
    return this.#indices.subarray(0, this.#size);
  }

  offer(value: number, index: number): void {
    if (this.#size < this.capacity) this.#rise(this.#size++, value, index);
    // Indices ascend, so an equal value that comes later always loses the tie.
    else if (this.capacity > 0 && value > this.#values[0]!) this.#sink(value, index);
  }

  #worse(value: number, index: number, at: number): boolean {
    const other = this.#values[at]!;
    return value < other || (value === other && index > this.#indices[at]!);
  }

  #put(at: number, value: number, index: number): void {
    this.#values[at] = value;
    this.#indices[at] = index;
  }

  #rise(from: number, value: number, index: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#worse(value, index, parent)) break;
      this.#put(at, this.#values[parent]!, this.#indices[parent]!);
      at = parent;
    }
    this.#put(at, value, index);
  }

  #sink(value: number, index: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#worse(this.#values[child + 1]!, this.#indices[child + 1]!, child))
        child++;
      if (this.#worse(value, index, child)) break;
      this.#put(at, this.#values[child]!, this.#indices[child]!);
      at = child;
    }
    this.#put(at, value, index);
  }
}
