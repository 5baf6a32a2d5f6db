const EMPTY = 0xffffffff;

/** A hash index over ids that live elsewhere: open addressing, 8 to 16 bytes an id. Equal ids: the first counts. */
export class IdIndex {
  readonly #slots: Uint32Array;

  constructor(length: number, hashAt: (index: number) => number, equal: (a: number, b: number) => boolean) {
    let size = 16;
    while (size < length * 2) size *= 2;
    this.#slots = new Uint32Array(size).fill(EMPTY);
    for (let i = 0; i < length; i++) {
      let slot = hashAt(i) & (size - 1);
      while (this.#slots[slot] !== EMPTY && !equal(this.#slots[slot]!, i)) slot = (slot + 1) & (size - 1);
      if (this.#slots[slot] === EMPTY) this.#slots[slot] = i;
    }
  }

  /** The index of the id with this hash that `matches`; -1 when there is none. */
  find(hash: number, matches: (index: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      if (matches(this.#slots[slot]!)) return this.#slots[slot]!;
    }
    return -1;
  }
}
