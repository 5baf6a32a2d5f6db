const BITS = 16;
const CHUNK = 1 << BITS;

type Numbers = Uint8Array | Uint32Array | Float32Array;

/** A growing column of numbers of one kind, in fixed chunks: no copies while it grows. */
export class NumberColumn {
  readonly #create: new (
    length: number,
  ) => Numbers;
  readonly #chunks: Numbers[] = [];
  length = 0;

  constructor(create: new (length: number) => Numbers) {
    this.#create = create;
  }

  push(value: number): void {
    const at = this.length & (CHUNK - 1);
    if (at === 0) this.#chunks.push(new this.#create(CHUNK));
    this.#chunks[this.#chunks.length - 1]![at] = value;
    this.length++;
  }

  at(index: number): number {
    return this.#chunks[index >>> BITS]![index & (CHUNK - 1)]!;
  }
}
