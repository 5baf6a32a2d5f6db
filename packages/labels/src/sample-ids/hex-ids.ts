import { CslError } from "@csl/internal/errors/csl-error";
import { isIndex } from "../is-index.js";
import { IdIndex } from "./id-index.js";
import type { SampleIds } from "./sample-ids.js";

/** Ids of 16 lower-case hexadecimal digits, 8 bytes each. They exceed 2^53, so two words and never a number. */
export class HexIds implements SampleIds {
  /** [samples, 2]: the upper 32 bits, then the lower. */
  readonly words: Uint32Array;
  readonly length: number;
  #sorted: boolean | undefined;
  #index: IdIndex | undefined;

  constructor(words: Uint32Array) {
    if (words.length % 2 !== 0)
      throw new CslError("invalid-argument", `HexIds: expected two words an id, got ${words.length} words.`);
    this.words = words;
    this.length = words.length / 2;
  }

  static from(ids: readonly string[]): HexIds {
    const words = new Uint32Array(ids.length * 2);
    ids.forEach((id, i) => {
      words[2 * i] = Number.parseInt(id.slice(0, 8), 16);
      words[2 * i + 1] = Number.parseInt(id.slice(8), 16);
    });
    return new HexIds(words);
  }

  at(index: number): string {
    if (!isIndex(index, this.length)) {
      throw new CslError(
        "invalid-argument",
        `SampleIds: expected an index below ${this.length}, got ${index}.`,
      );
    }
    return eightDigits(this.words[2 * index]!) + eightDigits(this.words[2 * index + 1]!);
  }

  indexOf(id: string): number {
    if (!/^[0-9a-f]{16}$/.test(id)) return -1;
    const upper = Number.parseInt(id.slice(0, 8), 16);
    const lower = Number.parseInt(id.slice(8), 16);
    this.#sorted ??= isSorted(this.words);
    return this.#sorted ? this.#search(upper, lower) : this.#lookUp(upper, lower);
  }

  isRepeat(index: number): boolean {
    const upper = this.words[2 * index]!;
    const lower = this.words[2 * index + 1]!;
    this.#sorted ??= isSorted(this.words);
    if (!this.#sorted) return this.#lookUp(upper, lower) !== index;
    return index > 0 && this.words[2 * index - 2] === upper && this.words[2 * index - 1] === lower;
  }

  select(indices: ArrayLike<number>): HexIds {
    const words = new Uint32Array(indices.length * 2);
    for (let i = 0; i < indices.length; i++) {
      words[2 * i] = this.words[2 * indices[i]!]!;
      words[2 * i + 1] = this.words[2 * indices[i]! + 1]!;
    }
    return new HexIds(words);
  }

  *[Symbol.iterator](): Iterator<string> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** OpenImages' files are in ascending order: no index is needed. Finds the first of equal ids. */
  #search(upper: number, lower: number): number {
    const { words } = this;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = words[2 * middle]!;
      if (there < upper || (there === upper && words[2 * middle + 1]! < lower)) low = middle + 1;
      else high = middle;
    }
    return low < this.length && words[2 * low] === upper && words[2 * low + 1] === lower ? low : -1;
  }

  #lookUp(upper: number, lower: number): number {
    const { words } = this;
    this.#index ??= new IdIndex(
      this.length,
      (i) => mixed(words[2 * i]!, words[2 * i + 1]!),
      (a, b) => words[2 * a] === words[2 * b] && words[2 * a + 1] === words[2 * b + 1],
    );
    return this.#index.find(mixed(upper, lower), (i) => words[2 * i] === upper && words[2 * i + 1] === lower);
  }
}

const eightDigits = (word: number): string => word.toString(16).padStart(8, "0");

function mixed(upper: number, lower: number): number {
  const h = Math.imul(upper ^ (lower >>> 15), 0x85ebca6b) ^ Math.imul(lower, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function isSorted(words: Uint32Array): boolean {
  for (let i = 2; i < words.length; i += 2) {
    if (words[i]! < words[i - 2]!) return false;
    if (words[i] === words[i - 2] && words[i + 1]! < words[i - 1]!) return false;
  }
  return true;
}
