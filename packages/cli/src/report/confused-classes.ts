/** How often a class is found where another one is. */
export interface ConfusedPair {
  /** Classes by index: `present` is annotated as present in the images, `found` is what the model finds in them, too. */
  present: number;
  found: number;
  /** Images where `found` is annotated as absent. */
  wrong: number;
  /** Images where `found` is not annotated. */
  unannotated: number;
  /** Of all these, those where `present` itself is not found. */
  instead: number;
}

/** Of an image, the likeliest classes that are not annotated as present. */
const FOUND = 3;
/** Pairs that are counted; later ones of a large label set are not. */
const MOST_PAIRS = 200_000;
/** Counts of a pair, in this order: wrong, unannotated, instead. */
const COUNTS = 3;

/**
 * Counts which classes a model finds (probability above 0.5) in images of other classes. Pairs are in a hash table of plain
 * numbers: an image of many classes adds a hundred of them, and an object for each made this the slowest part of a report.
 */
export class ConfusedClasses {
  readonly #numClasses: number;
  /** `present * numClasses + found + 1` by place; 0 where nothing is. A place holds what hashes to it or to places before. */
  #keys = new Float64Array(1024);
  #counts = new Uint32Array(1024 * COUNTS);
  #pairs = 0;
  readonly #present: Int32Array;
  #presentCount = 0;
  readonly #found = new Int32Array(FOUND);
  readonly #absent = new Uint8Array(FOUND);
  readonly #logits = new Float64Array(FOUND);
  #foundCount = 0;
  /** A logit that is not above this is not among those found in the image. */
  floor = 0;

  constructor(numClasses: number) {
    this.#numClasses = numClasses;
    this.#present = new Int32Array(numClasses);
  }

  /** An entry of the present image that is annotated as present. */
  present(classIndex: number): void {
    this.#present[this.#presentCount++] = classIndex;
  }

  /** An entry that is not, whose logit is above `floor`. */
  found(classIndex: number, logit: number, absent: boolean): void {
    let at = this.#foundCount === FOUND ? FOUND - 1 : this.#foundCount++;
    for (; at > 0 && this.#logits[at - 1]! < logit; at--) {
      this.#logits[at] = this.#logits[at - 1]!;
      this.#found[at] = this.#found[at - 1]!;
      this.#absent[at] = this.#absent[at - 1]!;
    }
    this.#logits[at] = logit;
    this.#found[at] = classIndex;
    this.#absent[at] = Number(absent);
    if (this.#foundCount === FOUND) this.floor = this.#logits[FOUND - 1]!;
  }

  /** Ends an image, whose logits begin at `start`. */
  endImage(logits: Float32Array, start: number): void {
    if (this.#foundCount > 0)
      for (let p = 0; p < this.#presentCount; p++) {
        const present = this.#present[p]!;
        const missed = logits[start + present]! <= 0;
        for (let f = 0; f < this.#foundCount; f++) {
          const at = this.#place(present * this.#numClasses + this.#found[f]! + 1);
          if (at < 0) continue;
          this.#counts[at * COUNTS + (this.#absent[f] === 1 ? 0 : 1)]!++;
          if (missed) this.#counts[at * COUNTS + 2]!++;
        }
      }
    this.#presentCount = 0;
    this.#foundCount = 0;
    this.floor = 0;
  }

  /** Where a pair's counts are; below 0 for a new one when there are too many. */
  #place(key: number): number {
    const mask = this.#keys.length - 1;
    let at = (key ^ (key >>> 11)) & mask;
    for (; this.#keys[at] !== 0; at = (at + 1) & mask) if (this.#keys[at] === key) return at;
    if (this.#pairs === MOST_PAIRS) return -1;
    this.#keys[at] = key;
    if (++this.#pairs * 2 <= this.#keys.length) return at;
    this.#grow();
    return this.#place(key);
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(keys.length * 4);
    this.#counts = new Uint32Array(keys.length * 4 * COUNTS);
    this.#pairs = 0;
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === 0) continue;
      const at = this.#place(keys[i]!);
      this.#counts.set(counts.subarray(i * COUNTS, (i + 1) * COUNTS), at * COUNTS);
    }
  }

  /** The pairs with most images, those annotated as absent first. */
  largest(count: number): ConfusedPair[] {
    const [keys, counts] = [this.#keys, this.#counts];
    const places: number[] = [];
    for (let at = 0; at < keys.length; at++) if (keys[at] !== 0) places.push(at);
    const rank = (at: number): number => counts[at * COUNTS]! * 2 ** 26 + counts[at * COUNTS + 1]!;
    // Most pairs were seen once: only those that can be among the largest are compared one by one.
    const ranks = Float64Array.from(places, rank).sort();
    const least = count < ranks.length ? ranks[ranks.length - count]! : 0;
    return places
      .filter((at) => rank(at) >= least)
      .sort((a, b) => rank(b) - rank(a) || keys[a]! - keys[b]!)
      .slice(0, count)
      .map((at) => ({
        present: Math.floor((keys[at]! - 1) / this.#numClasses),
        found: (keys[at]! - 1) % this.#numClasses,
        wrong: counts[at * COUNTS]!,
        unannotated: counts[at * COUNTS + 1]!,
        instead: counts[at * COUNTS + 2]!,
      }));
  }
}
