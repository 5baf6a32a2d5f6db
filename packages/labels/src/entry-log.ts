const CHUNK = 1 << 18;

/** A growing list of (row, code) pairs in fixed chunks: no copy while growing, 8 bytes a pair. */
export class EntryLog {
  readonly #rows: Uint32Array[] = [];
  readonly #codes: Uint32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(row: number, code: number): void {
    const at = this.#length % CHUNK;
    if (at === 0) {
      this.#rows.push(new Uint32Array(CHUNK));
      this.#codes.push(new Uint32Array(CHUNK));
    }
    const chunk = this.#rows.length - 1;
    this.#rows[chunk]![at] = row;
    this.#codes[chunk]![at] = code;
    this.#length++;
  }

  /** The codes grouped by row, in the order they came within a row (a counting sort). */
  byRow(numRows: number): { offsets: Uint32Array; codes: Uint32Array } {
    const offsets = new Uint32Array(numRows + 1);
    this.#each((row) => {
      offsets[row + 1]!++;
    });
    for (let row = 0; row < numRows; row++) offsets[row + 1]! += offsets[row]!;
    const next = offsets.slice(0, numRows);
    const codes = new Uint32Array(this.#length);
    this.#each((row, code) => {
      codes[next[row]!++] = code;
    });
    return { offsets, codes };
  }

  #each(visit: (row: number, code: number) => void): void {
    for (let i = 0; i < this.#length; i++) {
      visit(this.#rows[Math.floor(i / CHUNK)]![i % CHUNK]!, this.#codes[Math.floor(i / CHUNK)]![i % CHUNK]!);
    }
  }
}
