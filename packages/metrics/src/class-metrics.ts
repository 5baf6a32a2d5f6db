/**
 * Why a class has no AP. `noLabels`, `noPositives` and `noNegatives` say what it lacks, and count even where the class
 * stays in; `fewPositives` and `notCounted` are the caller's choice (`minPositives`, `counts`).
 */
export type SkipReason = "noLabels" | "noPositives" | "noNegatives" | "fewPositives" | "notCounted";

/** One class's part of an evaluation. */
export type ClassMetrics = {
  /** Column of the class. */
  index: number;
  /** AP in [0, 1]; null when the class is left out. */
  ap: number | null;
  /** The AP may be this much less or more, where un-annotated entries had to be counted in bins. Absent when exact. */
  uncertainty?: number;
  /** Annotated positives and negatives. */
  positives: number;
  negatives: number;
  /** What the class lacks, or null. */
  skipped: SkipReason | null;
};

/** A class counts only with at least one annotated positive and one annotated negative (the reference's AP_partial). */
export function skipReason(positives: number, negatives: number): SkipReason | null {
  if (positives === 0 && negatives === 0) return "noLabels";
  if (positives === 0) return "noPositives";
  return negatives === 0 ? "noNegatives" : null;
}
