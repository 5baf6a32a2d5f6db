import { checkOptions } from "@csl/internal/errors/check-options";
import { checkCount, checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { checkLabelValues } from "./check-entries.js";
import { covarianceFactor, meanRow, solveWith } from "./covariance.js";

interface CrossFittedOptions {
  /** What a network says of each sample, [samples * dimensions]: its pooled features, before the head. */
  features: ArrayLike<number>;
  dimensions: number;
  /** [samples * numClasses] 1, 0 or -1 (un-annotated). */
  labels: ArrayLike<number>;
  numClasses: number;
  /** Parts of the samples, each scored by heads that were fitted to the others. Default 10. */
  folds?: number;
  /** Of the division into folds. Default 0. */
  seed?: number;
  /** How far the covariance is drawn to a sphere, above 0 and up to 1: more where features are many and samples few. Default 0.6. */
  shrinkage?: number;
}

/**
 * Scores of every entry by a linear head of its class that has not seen the sample's labels, [samples * numClasses]:
 * confident learning needs such scores, because a model repeats the errors of labels that it was fitted to.
 *
 * The head is a linear discriminant, w = Σ⁻¹ (mean of the annotated positives - mean of all samples). Fisher's has the mean of
 * the negatives instead. The mean of all lies on the line between both, so that the direction is the same, and it is known
 * from all samples: annotated negatives may be few, or chosen because they look like positives. Σ is the covariance of all
 * samples. It takes no label, so that one serves all folds and classes: fitting costs little more than reading the features, and
 * ten positives are enough for a head. Where a class has no positive outside of a fold its scores there are NaN.
 *
 * @throws CslError `invalid-argument` for shapes that do not fit, fewer samples than folds, labels other than these.
 * @see Fisher 1936; Elkan and Noto 2008 (positives against all that is not annotated); Northcutt et al. 2021, Confident Learning, section 3 (out-of-sample predictions).
 */
export function crossFittedScores(options: CrossFittedOptions): Float32Array {
  const speaker = "crossFittedScores";
  checkOptions(speaker, options, {
    ...{ features: true, dimensions: true, labels: true, numClasses: true },
    ...{ folds: true, seed: true, shrinkage: true },
  });
  const { features, dimensions, labels, numClasses, folds = 10, seed = 0, shrinkage = 0.6 } = options;
  checkCount(speaker, "dimensions", dimensions);
  checkCount(speaker, "numClasses", numClasses);
  checkRange(speaker, "shrinkage", shrinkage, { above: 0, to: 1 });
  const rows = labels.length / numClasses;
  if (!Number.isInteger(rows) || features.length !== rows * dimensions)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected features [samples * ${dimensions}] and labels [samples * ${numClasses}], got ${features.length} and ${labels.length}.`,
    );
  if (!Number.isInteger(folds) || folds < 2 || folds > rows)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected folds to be a whole number from 2 to the number of samples (${rows}), got ${folds}.`,
    );
  checkLabelValues(speaker, labels, numClasses);
  const mean = meanRow({ features, dimensions, rows });
  const factor = covarianceFactor({ features, dimensions, rows }, mean, shrinkage);
  const foldOf = foldsOf(rows, folds, seed);
  const scores = new Float32Array(rows * numClasses);
  for (let c = 0; c < numClasses; c++) {
    const positives = positiveSums({ features, dimensions, labels, numClasses, folds }, c, foldOf);
    const heads = Array.from({ length: folds }, (_, fold) => headWithout(fold, positives, { mean, factor }));
    for (let row = 0; row < rows; row++)
      scores[row * numClasses + c] = scoreOf(heads[foldOf[row]!], features, row * dimensions);
  }
  return scores;
}

/** Equally large parts in random order. */
function foldsOf(rows: number, folds: number, seed: number): Uint32Array {
  const foldOf = new Uint32Array(rows);
  shuffledIndices(rows, mulberry32(seed)).forEach((row, i) => {
    foldOf[row] = i % folds;
  });
  return foldOf;
}

/** Sum of the features of a fold's positives, and their number. */
interface FoldSum {
  sum: Float64Array;
  count: number;
}

function positiveSums(
  {
    features,
    dimensions,
    labels,
    numClasses,
    folds,
  }: Required<Omit<CrossFittedOptions, "seed" | "shrinkage">>,
  classIndex: number,
  foldOf: Uint32Array,
): FoldSum[] {
  const sums = Array.from({ length: folds }, () => ({ sum: new Float64Array(dimensions), count: 0 }));
  for (let row = 0; row < foldOf.length; row++) {
    if (labels[row * numClasses + classIndex] !== 1) continue;
    const part = sums[foldOf[row]!]!;
    part.count++;
    for (let d = 0, at = row * dimensions; d < dimensions; d++) part.sum[d]! += features[at++]!;
  }
  return sums;
}

interface Head {
  weights: Float64Array;
  bias: number;
}

/** Undefined where the other folds have no positive. */
function headWithout(
  fold: number,
  positives: readonly FoldSum[],
  { mean, factor }: { mean: Float64Array; factor: Float64Array },
): Head | undefined {
  const present = meanWithout(fold, positives);
  if (!present) return undefined;
  const weights = present.map((value, d) => value - mean[d]!);
  solveWith(factor, weights);
  let bias = 0;
  for (let d = 0; d < weights.length; d++) bias -= (weights[d]! * (present[d]! + mean[d]!)) / 2;
  return { weights, bias };
}

function meanWithout(fold: number, parts: readonly FoldSum[]): Float64Array | undefined {
  const total = new Float64Array(parts[0]!.sum.length);
  let count = 0;
  for (const [i, part] of parts.entries()) {
    if (i === fold) continue;
    count += part.count;
    for (let d = 0; d < total.length; d++) total[d]! += part.sum[d]!;
  }
  return count === 0 ? undefined : total.map((value) => value / count);
}

function scoreOf(head: Head | undefined, features: ArrayLike<number>, start: number): number {
  if (!head) return Number.NaN;
  let score = head.bias;
  const { weights } = head;
  for (let d = 0; d < weights.length; d++) score += weights[d]! * features[start + d]!;
  return score;
}
