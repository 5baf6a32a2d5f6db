import { NumberColumn } from "@csl/internal/json/number-column";
import { type SampleIds, textSampleIds } from "@csl/labels";

const CHUNK = 1 << 20;

/**
 * Texts packed as they come. A string that was cut out of a file's block keeps that block alive: nine million paths
 * would keep the whole file.
 */
export class TextLog {
  readonly #chunks: Buffer[] = [];
  readonly #ends: NumberColumn = new NumberColumn(Uint32Array);
  #chunk: Buffer = Buffer.alloc(0);
  #used = 0;
  #total = 0;

  push(text: string): void {
    const needed = Buffer.byteLength(text);
    if (this.#used + needed > this.#chunk.length) {
      this.#chunks.push(this.#chunk.subarray(0, this.#used));
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, needed));
      this.#used = 0;
    }
    this.#chunk.write(text, this.#used);
    this.#used += needed;
    this.#total += needed;
    this.#ends.push(this.#total);
  }

  texts(): SampleIds {
    const bytes = Buffer.concat([...this.#chunks, this.#chunk.subarray(0, this.#used)]);
    return textSampleIds(
      bytes,
      Uint32Array.from({ length: this.#ends.length }, (_, i) => this.#ends.at(i)),
    );
  }
}
