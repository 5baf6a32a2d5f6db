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

/** Counts which classes a model finds (probability above 0.5) in images of other classes. */
export class ConfusedClasses {
  readonly #numClasses: number;
  readonly #pairs = new Map<number, ConfusedPair>();
  readonly #present: number[] = [];
  readonly #found: { classIndex: number; logit: number; absent: boolean }[] = [];
  /** A logit that is not above this is not among those found in the image. */
  floor = 0;

  constructor(numClasses: number) {
    this.#numClasses = numClasses;
  }

  /** An entry of the present image that is annotated as present. */
  present(classIndex: number): void {
    this.#present.push(classIndex);
  }

  /** An entry that is not, whose logit is above `floor`. */
  found(classIndex: number, logit: number, absent: boolean): void {
    const found = this.#found;
    let at = found.length === FOUND ? FOUND - 1 : found.length;
    for (; at > 0 && found[at - 1]!.logit < logit; at--) found[at] = found[at - 1]!;
    found[at] = { classIndex, logit, absent };
    if (found.length === FOUND) this.floor = found[FOUND - 1]!.logit;
  }

  /** Ends an image. @param logitOf of a class in it */
  endImage(logitOf: (classIndex: number) => number): void {
    for (const present of this.#present) {
      const missed = this.#found.length > 0 && logitOf(present) <= 0;
      for (const { classIndex, absent } of this.#found) {
        const pair = this.#pair(present, classIndex);
        if (!pair) continue;
        if (absent) pair.wrong++;
        else pair.unannotated++;
        if (missed) pair.instead++;
      }
    }
    this.#present.length = 0;
    this.#found.length = 0;
    this.floor = 0;
  }

  #pair(present: number, found: number): ConfusedPair | undefined {
    const key = present * this.#numClasses + found;
    let pair = this.#pairs.get(key);
    if (!pair && this.#pairs.size < MOST_PAIRS) {
      pair = { present, found, wrong: 0, unannotated: 0, instead: 0 };
      this.#pairs.set(key, pair);
    }
    return pair;
  }

  /** The pairs with most images, those annotated as absent first. */
  largest(count: number): ConfusedPair[] {
    return [...this.#pairs.values()]
      .sort((a, b) => b.wrong - a.wrong || b.unannotated - a.unannotated)
      .slice(0, count);
  }
}
