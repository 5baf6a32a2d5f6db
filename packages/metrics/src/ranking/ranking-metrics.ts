import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice, checkCount } from "@csl/internal/errors/check-values";
import { Label } from "@csl/internal/labels/label";
import { type LabelMatrix, type NumberArray, orderedKey, toCheckedMatrix } from "../scores/label-matrix.js";

type OneSided = "count" | "skip";

type RankingOptions = {
  /**
   * A sample whose annotated labels are all positive or all negative has nothing to rank. `count` (default) treats it as
   * scikit-learn does: average precision 1, loss 0. `skip` leaves it out of these two; on sparse annotations most
   * samples are like that.
   */
  oneSided?: OneSided;
};

/** Means over samples, un-annotated entries dropped. A mean over no sample is null. */
export type RankingMetrics = {
  /** Label-ranking average precision: mean precision at a sample's own positives, in [0, 1], higher is better. */
  lrap: number | null;
  /** Coverage error: how far down a sample's ranking its last positive is, in labels; 0 without one. */
  coverage: number | null;
  /** Share of (positive, negative) pairs in the wrong order or equal, in [0, 1], lower is better. */
  rankingLoss: number | null;
  /** Samples with an annotation: those that count. */
  numSamples: number;
  /** Those among them with annotations of one kind only. */
  oneSided: number;
};

/**
 * Label-ranking average precision, coverage error and ranking loss over each sample's annotated classes.
 *
 * @param input.scores [rows * numClasses] @param input.labels [rows * numClasses] 1, 0 or -1
 * @throws CslError `invalid-argument` on NaN scores, labels outside {1, 0, -1} or wrong lengths; `unknown-option`.
 * @see scikit-learn label_ranking_average_precision_score, coverage_error, label_ranking_loss.
 */
export function rankingMetrics(
  input: RankingOptions & { scores: NumberArray; labels: NumberArray; numClasses: number },
): RankingMetrics {
  const speaker = "rankingMetrics";
  checkOptions(speaker, input, { scores: true, labels: true, numClasses: true, oneSided: true });
  const { scores, labels, numClasses, oneSided = "count" } = input;
  checkOneSided(speaker, oneSided);
  const sums = emptySums();
  addSampleRankings(sums, toCheckedMatrix(speaker, scores, labels, numClasses));
  return means(sums, oneSided);
}

/** rankingMetrics() for data that arrives in batches; keeps five sums. */
export class RankingAccumulator {
  readonly #numClasses: number;
  readonly #oneSided: OneSided;
  readonly #sums: RankingSums = emptySums();

  constructor(numClasses: number, options: RankingOptions = {}) {
    const speaker = "RankingAccumulator";
    checkOptions(speaker, options, { oneSided: true });
    const { oneSided = "count" } = options;
    checkCount(speaker, "numClasses", numClasses);
    checkOneSided(speaker, oneSided);
    this.#numClasses = numClasses;
    this.#oneSided = oneSided;
  }

  /** Adds samples. @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1 */
  add(scores: NumberArray, labels: NumberArray): void {
    addSampleRankings(
      this.#sums,
      toCheckedMatrix("RankingAccumulator.add", scores, labels, this.#numClasses),
    );
  }

  /** The means over everything added so far. */
  compute(): RankingMetrics {
    return means(this.#sums, this.#oneSided);
  }
}

function checkOneSided(speaker: string, oneSided: OneSided): void {
  checkChoice(speaker, "oneSided", oneSided, ["count", "skip"]);
}

function means(
  { samples, oneSided, precision, coverage, loss }: RankingSums,
  rule: OneSided,
): RankingMetrics {
  const skip = rule === "skip";
  const ranked = skip ? samples - oneSided : samples;
  const mean = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);
  return {
    lrap: mean(precision + (skip ? 0 : oneSided), ranked),
    coverage: mean(coverage, samples),
    rankingLoss: mean(loss, ranked),
    numSamples: samples,
    oneSided,
  };
}

/** Sums over samples with an annotation; precision and loss over those with both kinds. */
type RankingSums = {
  samples: number;
  /** Samples whose annotations are all positive or all negative. */
  oneSided: number;
  precision: number;
  coverage: number;
  loss: number;
};

function emptySums(): RankingSums {
  return { samples: 0, oneSided: 0, precision: 0, coverage: 0, loss: 0 };
}

/** Adds every sample of the matrix. Only a sample's positives, few as a rule, are sorted; negatives are placed among them. */
function addSampleRankings(sums: RankingSums, { bits, labels, numClasses, rows }: LabelMatrix): void {
  const { Positive, Negative } = Label;
  const positives = new Int32Array(numClasses);
  /** negativesUpTo[i]: negatives above positive i - 1 (ascending), and not above positive i. */
  const negativesUpTo = new Int32Array(numClasses + 1);
  for (let row = 0; row < rows; row++) {
    const start = row * numClasses;
    const end = start + numClasses;
    let numPositives = 0;
    let numNegatives = 0;
    for (let i = start; i < end; i++) {
      if (labels[i] === Positive) positives[numPositives++] = orderedKey(bits[i]!);
      else if (labels[i] === Negative) numNegatives++;
    }
    if (numPositives + numNegatives === 0) continue;
    sums.samples++;
    if (numPositives === 0 || numNegatives === 0) {
      sums.oneSided++;
      sums.coverage += numPositives;
      continue;
    }
    const sorted = positives.subarray(0, numPositives).sort();
    negativesUpTo.fill(0, 0, numPositives + 1);
    for (let i = start; i < end; i++) {
      if (labels[i] === Negative) negativesUpTo[firstAbove(sorted, orderedKey(bits[i]!))]!++;
    }
    addRanking(sums, sorted, negativesUpTo, numNegatives);
  }
}

/** negatives[i] counts those with exactly i positives at or below them. */
function addRanking(
  sums: RankingSums,
  sorted: Int32Array,
  negatives: Int32Array,
  numNegatives: number,
): void {
  const { length } = sorted;
  let precision = 0;
  let wrongPairs = 0;
  let negativesFrom = 0; // at or above the positive
  for (let end = length; end > 0; ) {
    let first = end - 1;
    while (first > 0 && sorted[first - 1] === sorted[end - 1]) first--; // equal positives share their rank
    for (let i = first + 1; i <= end; i++) {
      negativesFrom += negatives[i]!;
      wrongPairs += i * negatives[i]!;
    }
    const positivesFrom = length - first;
    precision += (end - first) * (positivesFrom / (positivesFrom + negativesFrom));
    end = first;
  }
  sums.precision += precision / length;
  sums.coverage += length + negativesFrom;
  sums.loss += wrongPairs / (length * numNegatives);
}

/** How many of the ascending keys are at or below `key`. */
function firstAbove(sorted: Int32Array, key: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
