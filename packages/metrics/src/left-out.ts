import { type SkipReason, skipReason } from "./class-metrics.js";
import { emptyClassRules } from "./empty-class.js";
import type { EvaluateOptions } from "./evaluate.js";

/** Why a class may be left out: the caller's choice first, then what it lacks, then its support. */
export function reasonOf(
  index: number,
  positives: number,
  negatives: number,
  { counts, minPositives = 0 }: EvaluateOptions,
): SkipReason | null {
  if (counts && !counts(index)) return "notCounted";
  const lack = skipReason(positives, negatives);
  return lack !== "noLabels" && lack !== "noPositives" && positives < minPositives ? "fewPositives" : lack;
}

/** Whether a class with this reason is left out of the means. */
export function isLeftOut(reason: SkipReason | null, { emptyClass = "skip" }: EvaluateOptions): boolean {
  if (reason === null) return false;
  return reason === "fewPositives" || reason === "notCounted" || emptyClassRules[emptyClass].includes(reason);
}
