import type { ClassKeys } from "../scores/class-keys.js";
import { type AveragePrecisionOptions, averagePrecisionBounds } from "./average-precision.js";
import type { Workspace } from "./precision-points.js";

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

/**
 * Why a class has no AP. `noLabels`, `noPositives` and `noNegatives` say what it lacks, and count even where the class
 * stays in; `fewPositives` and `notCounted` are the caller's choice (`minPositives`, `counts`).
 */
export type SkipReason = "noLabels" | "noPositives" | "noNegatives" | "fewPositives" | "notCounted";

/** What is done with a class that lacks positives or negatives. */
export type EmptyClass = "skip" | "skip-without-positives" | "skip-unlabelled" | "zero";

/**
 * Which lacks leave a class out of every mean, as a table. A class that stays in without a positive has AP 0; without
 * a negative, 1.
 *
 * - `skip`: it needs an annotated positive and an annotated negative (the reference's AP_partial, mlcpl).
 * - `skip-without-positives`: it needs a positive (PASCAL VOC, COCO and LVIS tools, which leave AP undefined without).
 * - `skip-unlabelled`: it needs an annotation (OpenImages: "classes that have ground truth"; LargeLoss).
 * - `zero`: every class counts (the reference's plain mAP, torchmetrics).
 */
export const emptyClassRules: Record<EmptyClass, readonly SkipReason[]> = {
  skip: ["noLabels", "noPositives", "noNegatives"],
  "skip-without-positives": ["noLabels", "noPositives"],
  "skip-unlabelled": ["noLabels"],
  zero: [],
};

/** Which classes count. */
export type ClassSelection = {
  /**
   * What a class without an annotated positive or without an annotated negative counts: `skip` (default, the
   * reference's AP_partial) leaves it out of every mean; `zero` (the reference's plain mAP, torchmetrics) averages
   * over all classes, with AP 0 where there is no positive. `skip-without-positives` and `skip-unlabelled` lie between.
   */
  emptyClass?: EmptyClass;
  /** Leave out classes with fewer annotated positives than this: their AP is noise. Default 0. */
  minPositives?: number;
  /** Whether a class (by index) may count at all; OpenImages: the trainable ones. Default: every class. */
  counts?: (classIndex: number) => boolean;
};

/** The AP of one class, or the reason why it has none. */
export function classMetrics(
  index: number,
  keys: ClassKeys,
  workspace: Workspace,
  options: ClassSelection & AveragePrecisionOptions,
): ClassMetrics {
  const positives = keys.numPositives;
  const negatives = keys.numAnnotated - positives + (keys.assumedNegatives?.length ?? 0);
  const skipped = skipReason(index, { positives, negatives }, options);
  if (isLeftOut(skipped, options)) return { index, ap: null, positives, negatives, skipped };
  const { low, high } = averagePrecisionBounds(keys, workspace, options);
  const uncertainty = (high - low) / 2;
  const ap = (low + high) / 2;
  return { index, ap, positives, negatives, skipped, ...(uncertainty > 0 && { uncertainty }) };
}

/** Why a class may be left out: the caller's choice first, then what it lacks, then its support. */
export function skipReason(
  index: number,
  { positives, negatives }: { positives: number; negatives: number },
  { counts, minPositives = 0 }: ClassSelection,
): SkipReason | null {
  if (counts && !counts(index)) return "notCounted";
  const lack = missingLabels(positives, negatives);
  return lack !== "noLabels" && lack !== "noPositives" && positives < minPositives ? "fewPositives" : lack;
}

/** What a class lacks; null where it has an annotated positive and an annotated negative (the reference's AP_partial). */
export function missingLabels(positives: number, negatives: number): SkipReason | null {
  if (positives === 0 && negatives === 0) return "noLabels";
  if (positives === 0) return "noPositives";
  return negatives === 0 ? "noNegatives" : null;
}

/** Whether a class with this reason is left out of the means. */
export function isLeftOut(reason: SkipReason | null, { emptyClass = "skip" }: ClassSelection): boolean {
  if (reason === null) return false;
  return reason === "fewPositives" || reason === "notCounted" || emptyClassRules[emptyClass].includes(reason);
}
