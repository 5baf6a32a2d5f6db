import { checkChoice } from "./check-choice.js";
import type { ClassKeys } from "./class-keys.js";
import { type Interpolation, interpolations } from "./interpolation.js";
import { type BinTies, precisionPoints, type Workspace } from "./precision-points.js";
import { recallCurve } from "./recall-curve.js";

/** The choices that make one number of a ranking. */
export type AveragePrecisionOptions = {
  /**
   * `grouped` (default): equal scores form one step, as in scikit-learn and torchmetrics.
   * `rank`: every positive is scored at its own rank and the sum is divided by (positives + 1e-8), as the reference
   * does. Its own order among equal scores is what an unstable sort leaves; here the negatives go first, so the
   * number is the lower end of what the reference may print and does not depend on the order of the samples.
   */
  ties?: "grouped" | "rank";
  /** Area convention, default `none` (step integral). */
  interpolation?: Interpolation;
};

/** Keeps an empty class from dividing by zero in the reference's formula; part of its numbers. */
const REFERENCE_EPSILON = 1e-8;

/** AP of one class's keys; 0 without a positive. Where entries were counted in bins, the middle of its bounds. */
export function classAveragePrecision(
  keys: ClassKeys,
  workspace: Workspace,
  options: AveragePrecisionOptions = {},
): number {
  const { low, high } = averagePrecisionBounds(keys, workspace, options);
  return (low + high) / 2;
}

/** The least and the largest AP that the keys admit; equal unless entries were counted in bins. */
export function averagePrecisionBounds(
  keys: ClassKeys,
  workspace: Workspace,
  { ties = "grouped", interpolation = "none" }: AveragePrecisionOptions = {},
): { low: number; high: number } {
  if (keys.numPositives === 0) return { low: 0, high: 0 };
  const denominator = ties === "rank" ? keys.numPositives + REFERENCE_EPSILON : keys.numPositives;
  const area = (binTies: BinTies): number => {
    const points = precisionPoints(keys, workspace, binTies);
    const curve = recallCurve(points, ties === "rank" ? "worst" : "grouped");
    return interpolations[interpolation](curve) / denominator;
  };
  const low = area("above");
  const binned = keys.assumedNegatives && "bins" in keys.assumedNegatives;
  return { low, high: binned ? area("below") : low };
}

/** Refuses option values that a plain JavaScript caller may have misspelt. */
export function checkAveragePrecisionOptions(
  speaker: string,
  { ties = "grouped", interpolation = "none" }: AveragePrecisionOptions,
): void {
  checkChoice(speaker, "ties", ties, ["grouped", "rank"]);
  checkChoice(speaker, "interpolation", interpolation, Object.keys(interpolations));
}
