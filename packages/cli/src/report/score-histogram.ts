/** Bins of equal width in logits; those outside are in the first and the last. */
const BINS = 128;
const WIDTH = 0.125;
const LOWEST = (-BINS / 2) * WIDTH;

/** What a threshold does to a class. */
export interface Decision {
  /** As a probability: above it a class counts as found. */
  threshold: number;
  precision: number;
  recall: number;
  f1: number;
}

/** One point of a reliability diagram. */
export interface ReliabilityPoint {
  /** Mean probability, and the share of positives. */
  confidence: number;
  frequency: number;
  count: number;
}

/** Annotated entries by class and score: for thresholds and calibration without another pass over the images. */
export class ScoreHistogram {
  readonly #numClasses: number;
  readonly #positives: Uint32Array;
  readonly #negatives: Uint32Array;
  /** Of all classes. */
  readonly #logits = new Float64Array(BINS);

  constructor(numClasses: number) {
    this.#numClasses = numClasses;
    this.#positives = new Uint32Array(numClasses * BINS);
    this.#negatives = new Uint32Array(numClasses * BINS);
  }

  add(classIndex: number, logit: number, positive: boolean): void {
    const place = Math.floor((logit - LOWEST) / WIDTH);
    const bin = place < 0 ? 0 : place >= BINS ? BINS - 1 : place;
    (positive ? this.#positives : this.#negatives)[classIndex * BINS + bin]!++;
    this.#logits[bin]! += logit;
  }

  /**
   * The threshold with the best F1, to an eighth of a logit, and what 0.5 does; undefined for a class without an annotated
   * positive and negative.
   */
  decisions(classIndex: number): { best: Decision; half: Decision } | undefined {
    const start = classIndex * BINS;
    const positives = this.#positives.subarray(start, start + BINS);
    const negatives = this.#negatives.subarray(start, start + BINS);
    const total = positives.reduce((sum, count) => sum + count, 0);
    if (total === 0 || negatives.every((count) => count === 0)) return undefined;
    let found = 0;
    let wrong = 0;
    let best: Decision | undefined;
    let half: Decision | undefined;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      found += positives[bin]!;
      wrong += negatives[bin]!;
      const threshold = sigmoid(LOWEST + bin * WIDTH);
      const [precision, recall] = [found + wrong === 0 ? 1 : found / (found + wrong), found / total];
      const f1 = (2 * found) / (found + wrong + total);
      const decision = { threshold, precision, recall, f1 };
      if (f1 > (best?.f1 ?? 0)) best = decision;
      if (bin === BINS / 2) half = decision;
    }
    return { best: best!, half: half! };
  }

  /** All annotated entries, in bins of half a logit. */
  reliability(): ReliabilityPoint[] {
    const points: ReliabilityPoint[] = [];
    const joined = 4;
    const sums = [this.#positives, this.#negatives].map((counts) => {
      const bins = new Float64Array(BINS);
      for (let c = 0; c < this.#numClasses; c++)
        for (let bin = 0; bin < BINS; bin++) bins[bin]! += counts[c * BINS + bin]!;
      return bins;
    });
    for (let from = 0; from < BINS; from += joined) {
      const sum = (values: Float64Array): number =>
        values.subarray(from, from + joined).reduce((total, value) => total + value, 0);
      const [positive, negative] = [sum(sums[0]!), sum(sums[1]!)];
      const count = positive + negative;
      if (count === 0) continue;
      points.push({ confidence: sigmoid(sum(this.#logits) / count), frequency: positive / count, count });
    }
    return points;
  }
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
