/** A set of positions below `size`, one bit each; the bits are allocated with the first of them. */
export class PositionSet {
  #bits: Uint8Array | undefined;
  #count = 0;

  constructor(readonly size: number) {}

  get count(): number {
    return this.#count;
  }

  has(position: number): boolean {
    return this.#bits !== undefined && ((this.#bits[position >>> 3]! >> (position & 7)) & 1) === 1;
  }

  /** Whether the position was new. */
  add(position: number): boolean {
    if (this.has(position)) return false;
    this.#bits ??= new Uint8Array((this.size + 7) >> 3);
    this.#bits[position >>> 3]! |= 1 << (position & 7);
    this.#count++;
    return true;
  }
}
