import { checkChoice } from "./check-choice.js";
import { skipReason } from "./class-metrics.js";
import { countDecisions, type DecisionCounts, emptyDecisionCounts } from "./decision-counts.js";
import { checkEntries, toLabelMatrix } from "./label-matrix.js";
import type { NumberArray } from "./number-array.js";
import type { TopK } from "./top-k.js";

export type PrecisionRecallF1Options = {
  /** Predicted means score > threshold, strictly; one number or one per class. Default 0.5 (for probabilities). */
  threshold?: number | NumberArray;
  /** Limits the predictions of a sample; ranked among its annotated classes, ties in class order. */
  topK?: TopK;
  /**
   * CF1: `mean` (default) is the mean of the classes' F1 (ASL, the reference, scikit-learn's macro F1); `harmonic` is
   * the harmonic mean of CP and CR (ML-GCN, HCP). They differ: 0.4167 and 0.4555 on the same counts.
   */
  convention?: "harmonic" | "mean";
  /**
   * `skip` (default): the class means are over the classes that evaluate() counts, those with an annotated positive and
   * an annotated negative. `zero`: over all; what is 0/0 counts 0 (the ASL family, scikit-learn's zero_division=0).
   * The overall numbers always take every entry.
   */
  emptyClass?: "skip" | "zero";
};

export type PrecisionRecallF1Input = PrecisionRecallF1Options & {
  /** [rows * numClasses] row-major. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. */
  labels: NumberArray;
  numClasses: number;
};

/** One class's decisions; ratios that are 0/0 are 0. */
export type ClassDecisions = {
  index: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  precision: number;
  recall: number;
  f1: number;
};

/** Fractions in [0, 1]: means over classes (cp, cr, cf1) and over all entries (op, or, of1). */
export type PrecisionRecallF1 = {
  cp: number;
  cr: number;
  cf1: number;
  op: number;
  or: number;
  of1: number;
  /** Classes in the class means. */
  validClasses: number;
  perClass: ClassDecisions[];
};

/**
 * CP, CR, CF1, OP, OR and OF1 of thresholded scores over the annotated entries.
 *
 * @throws RangeError on NaN scores or thresholds, labels outside {1, 0, -1}, wrong lengths, or when no class is valid.
 * @see validate.py of the reference (strict >, CF1 as mean); ML-GCN for the harmonic form and top-3.
 */
export function precisionRecallF1({
  scores,
  labels,
  numClasses,
  ...options
}: PrecisionRecallF1Input): PrecisionRecallF1 {
  const speaker = "precisionRecallF1";
  const { threshold = 0.5, topK } = options;
  const matrix = toLabelMatrix(speaker, scores, labels, numClasses);
  checkEntries(matrix);
  checkOptions(speaker, numClasses, options);
  const counts = emptyDecisionCounts(numClasses);
  countDecisions(counts, scores, matrix.labels, { threshold, topK });
  return summarizeDecisions(speaker, counts, options);
}

/** From counts to the six numbers. */
export function summarizeDecisions(
  speaker: string,
  counts: DecisionCounts,
  { convention = "mean", emptyClass = "skip" }: PrecisionRecallF1Options,
): PrecisionRecallF1 {
  const perClass = Array.from({ length: counts.truePositives.length }, (_, c) => classDecisions(counts, c));
  const valid = perClass.filter((d) => {
    const positives = d.truePositives + d.falseNegatives;
    const negatives = d.falsePositives + d.trueNegatives;
    return emptyClass === "zero" || skipReason(positives, negatives) === null;
  });
  if (valid.length === 0) {
    throw new RangeError(
      `${speaker}: expected at least one class with an annotated positive and an annotated negative, got none of ${perClass.length}. Evaluate more samples, or pass emptyClass: "zero".`,
    );
  }
  const mean = (name: "precision" | "recall" | "f1"): number =>
    valid.reduce((sum, decisions) => sum + decisions[name], 0) / valid.length;
  const total = (name: keyof DecisionCounts): number => perClass.reduce((sum, d) => sum + d[name], 0);
  const cp = mean("precision");
  const cr = mean("recall");
  const op = ratio(total("truePositives"), total("falsePositives"));
  const or = ratio(total("truePositives"), total("falseNegatives"));
  return {
    cp,
    cr,
    cf1: convention === "harmonic" ? harmonic(cp, cr) : mean("f1"),
    op,
    or,
    of1: harmonic(op, or),
    validClasses: valid.length,
    perClass,
  };
}

function classDecisions(counts: DecisionCounts, index: number): ClassDecisions {
  const truePositives = counts.truePositives[index]!;
  const falsePositives = counts.falsePositives[index]!;
  const falseNegatives = counts.falseNegatives[index]!;
  const precision = ratio(truePositives, falsePositives);
  const recall = ratio(truePositives, falseNegatives);
  return {
    index,
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives: counts.trueNegatives[index]!,
    precision,
    recall,
    f1: harmonic(precision, recall),
  };
}

/** hit / (hit + miss), 0 for 0/0. */
function ratio(hit: number, miss: number): number {
  return hit === 0 ? 0 : hit / (hit + miss);
}

function harmonic(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

/** Refuses options that would make the result meaningless. */
export function checkOptions(
  speaker: string,
  numClasses: number,
  { threshold = 0.5, topK, convention = "mean", emptyClass = "skip" }: PrecisionRecallF1Options,
): void {
  checkChoice(speaker, "convention", convention, ["harmonic", "mean"]);
  checkChoice(speaker, "emptyClass", emptyClass, ["skip", "zero"]);
  if (typeof threshold !== "number" && threshold.length !== numClasses) {
    throw new RangeError(
      `${speaker}: expected one threshold or one per class (${numClasses}), got ${threshold.length}.`,
    );
  }
  const values = typeof threshold === "number" ? [threshold] : Array.from(threshold);
  if (!values.every((value) => typeof value === "number" && !Number.isNaN(value))) {
    throw new RangeError(`${speaker}: expected thresholds that are numbers, got NaN. Pass e.g. 0.5.`);
  }
  if (topK === undefined) return;
  checkChoice(speaker, "topK.rule", topK.rule ?? "exact", ["exact", "and-threshold"]);
  if (!Number.isInteger(topK.k) || topK.k < 1) {
    throw new RangeError(
      `${speaker}: expected topK.k to be a positive integer, got ${topK.k}. Leave topK out for no limit.`,
    );
  }
}
