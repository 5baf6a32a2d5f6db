import { checkChoice } from "./check-choice.js";
import { checkEntries, type LabelMatrix, toLabelMatrix } from "./label-matrix.js";
import type { NumberArray } from "./number-array.js";
import { addSampleRankings, emptyRankingSums, type RankingSums } from "./sample-ranking.js";

export type RankingOptions = {
  /**
   * A sample whose annotated labels are all positive or all negative has nothing to rank. `count` (default) takes it as
   * scikit-learn does: average precision 1, loss 0. `skip` leaves it out of these two; on sparse annotations most
   * samples are such.
   */
  oneSided?: "count" | "skip";
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
 * @throws RangeError on NaN scores, labels outside {1, 0, -1} or wrong lengths.
 * @see scikit-learn label_ranking_average_precision_score, coverage_error, label_ranking_loss.
 */
export function rankingMetrics({
  scores,
  labels,
  numClasses,
  ...options
}: RankingOptions & { scores: NumberArray; labels: NumberArray; numClasses: number }): RankingMetrics {
  const metrics = new RankingAccumulator(numClasses, options);
  metrics.add(scores, labels);
  return metrics.compute();
}

/** rankingMetrics() for data that arrives in batches; keeps five sums. */
export class RankingAccumulator {
  readonly #numClasses: number;
  readonly #options: RankingOptions;
  readonly #sums: RankingSums = emptyRankingSums();

  constructor(numClasses: number, options: RankingOptions = {}) {
    if (!Number.isInteger(numClasses) || numClasses < 1) {
      throw new RangeError(
        `RankingAccumulator: expected numClasses to be a positive integer, got ${numClasses}. Pass the number of columns.`,
      );
    }
    checkChoice("RankingAccumulator", "oneSided", options.oneSided ?? "count", ["count", "skip"]);
    this.#numClasses = numClasses;
    this.#options = options;
  }

  /** Adds samples. @param scores [rows * classes] row-major @param labels [rows * classes] 1, 0 or -1 */
  add(scores: NumberArray, labels: NumberArray): void {
    const matrix: LabelMatrix = toLabelMatrix("rankingMetrics", scores, labels, this.#numClasses);
    checkEntries(matrix);
    addSampleRankings(this.#sums, matrix);
  }

  /** The means over everything added so far. */
  compute(): RankingMetrics {
    const { samples, oneSided, precision, coverage, loss } = this.#sums;
    const skip = this.#options.oneSided === "skip";
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
}
