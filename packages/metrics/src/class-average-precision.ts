import { checkChoice } from "./check-choice.js";
import type { ClassKeys } from "./class-keys.js";
import { type Interpolation, interpolations } from "./interpolation.js";
import { precisionPoints, type Workspace } from "./precision-points.js";
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

/** AP of one class's keys; 0 without a positive. */
export function classAveragePrecision(
  keys: ClassKeys,
  workspace: Workspace,
  { ties = "grouped", interpolation = "none" }: AveragePrecisionOptions = {},
): number {
  if (keys.numPositives === 0) return 0;
  const curve = recallCurve(precisionPoints(keys, workspace), ties === "rank" ? "worst" : "grouped");
  const denominator = ties === "rank" ? keys.numPositives + REFERENCE_EPSILON : keys.numPositives;
  return interpolations[interpolation](curve) / denominator;
}

/** Refuses option values that a plain JavaScript caller may have misspelt. */
export function checkAveragePrecisionOptions(
  speaker: string,
  { ties = "grouped", interpolation = "none" }: AveragePrecisionOptions,
): void {
  checkChoice(speaker, "ties", ties, ["grouped", "rank"]);
  checkChoice(speaker, "interpolation", interpolation, Object.keys(interpolations));
}
