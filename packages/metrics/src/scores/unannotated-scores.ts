import type { Label } from "@csl/internal/labels/label";
import { keyBin, NUM_BINS, type UnannotatedKeys } from "./class-keys.js";
import { type LabelMatrix, orderedKey } from "./label-matrix.js";

const UNANNOTATED: Label = -1;
const BLOCK = 16;

/**
 * The scores of un-annotated entries, for protocols that score them as negatives. Every key is kept (4 bytes each) until
 * they need more than `maxBytes`; from then on they are counted in bins, and memory stays bounded: 13 kB a class,
 * 128 MB for the 9,605 classes of OpenImages whose test set has 1.2 billion entries (4.8 GB as scores).
 */
export class UnannotatedScores {
  readonly #maxBytes: number;
  #keys: Int32Array[];
  readonly #lengths: Uint32Array;
  #bins: Uint32Array[] | undefined;
  #capacity = 0;

  constructor(numClasses: number, { maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes;
    this.#keys = Array.from({ length: numClasses }, () => new Int32Array(0));
    this.#lengths = new Uint32Array(numClasses);
  }

  /** Bytes held for scores. */
  get bytes(): number {
    return 4 * this.#capacity + (this.#bins ? this.#bins.length * NUM_BINS * 4 : 0);
  }

  /** Sixteen columns at a time: their bins stay in the second-level cache, and rows are read in whole cache lines. */
  add(matrix: LabelMatrix): void {
    for (let from = 0; from < matrix.numClasses; from += BLOCK) {
      const to = Math.min(from + BLOCK, matrix.numClasses);
      if (this.#bins) this.#count(matrix, from, to, this.#bins);
      else this.#keep(matrix, from, to);
    }
    if (!this.#bins && this.bytes > this.#maxBytes) this.#fold();
  }

  #count(
    { bits, labels, numClasses, rows }: LabelMatrix,
    from: number,
    to: number,
    bins: Uint32Array[],
  ): void {
    for (let row = 0; row < rows; row++) {
      for (let column = from, i = row * numClasses + from; column < to; column++, i++) {
        if (labels[i] !== UNANNOTATED) continue;
        bins[column]![keyBin(orderedKey(bits[i]!))]!++;
        this.#lengths[column]!++;
      }
    }
  }

  #keep({ bits, labels, numClasses, rows }: LabelMatrix, from: number, to: number): void {
    for (let row = 0; row < rows; row++) {
      for (let column = from, i = row * numClasses + from; column < to; column++, i++) {
        if (labels[i] !== UNANNOTATED) continue;
        this.#append(column, orderedKey(bits[i]!));
        this.#lengths[column]!++;
      }
    }
  }

  forClass(index: number): UnannotatedKeys {
    const length = this.#lengths[index]!;
    const bins = this.#bins?.[index];
    return bins ? { bins, length } : { keys: this.#keys[index]!, length };
  }

  /** The counted classes as one. */
  merged(counts: (classIndex: number) => boolean = () => true): UnannotatedKeys {
    const chosen = [...this.#lengths.keys()].filter(counts);
    const length = chosen.reduce((sum, index) => sum + this.#lengths[index]!, 0);
    if (this.#bins) {
      const bins = new Uint32Array(NUM_BINS);
      for (const index of chosen) {
        for (let bin = 0; bin < NUM_BINS; bin++) bins[bin]! += this.#bins[index]![bin]!;
      }
      return { bins, length };
    }
    const keys = new Int32Array(length);
    let at = 0;
    for (const index of chosen) {
      keys.set(this.#keys[index]!.subarray(0, this.#lengths[index]), at);
      at += this.#lengths[index]!;
    }
    return { keys, length };
  }

  #append(column: number, key: number): void {
    const length = this.#lengths[column]!;
    let keys = this.#keys[column]!;
    if (length === keys.length) {
      const larger = new Int32Array(Math.max(16, Math.ceil(keys.length * 1.5)));
      larger.set(keys);
      this.#capacity += larger.length - keys.length;
      keys = this.#keys[column] = larger;
    }
    keys[length] = key;
  }

  #fold(): void {
    this.#bins = this.#keys.map((keys, index) => {
      const bins = new Uint32Array(NUM_BINS);
      for (let i = 0; i < this.#lengths[index]!; i++) bins[keyBin(keys[i]!)]!++;
      return bins;
    });
    this.#keys = [];
    this.#capacity = 0;
  }
}
