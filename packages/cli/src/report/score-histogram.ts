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
    let total = 0;
    let absent = 0;
    for (let bin = start; bin < start + BINS; bin++) {
      total += this.#positives[bin]!;
      absent += this.#negatives[bin]!;
    }
    if (total === 0 || absent === 0) return undefined;
    let [found, wrong, bestF1] = [0, 0, 0];
    let best: Decision | undefined;
    let half: Decision | undefined;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      found += this.#positives[start + bin]!;
      wrong += this.#negatives[start + bin]!;
      const f1 = (2 * found) / (found + wrong + total);
      if (f1 <= bestF1 && bin !== BINS / 2) continue;
      const precision = found + wrong === 0 ? 1 : found / (found + wrong);
      const decision = { threshold: sigmoid(LOWEST + bin * WIDTH), precision, recall: found / total, f1 };
      if (bin === BINS / 2) half = decision;
      if (f1 <= bestF1) continue;
      best = decision;
      bestF1 = f1;
    }
    return { best: best!, half: half! };
  }

  /** All annotated entries, in bins of half a logit. */
  reliability(): ReliabilityPoint[] {
    const points: ReliabilityPoint[] = [];
    const joined = 4;
    const sums = [this.#positives, this.#negatives].map((counts) => {
      const bins = new Float64Array(BINS);
      for (let i = 0; i < this.#numClasses * BINS; i++) bins[i % BINS]! += counts[i]!;
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
