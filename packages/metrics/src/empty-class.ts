import type { SkipReason } from "./class-metrics.js";

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
