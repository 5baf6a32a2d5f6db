import { CslError } from "@csl/internal/errors/csl-error";
import { Label } from "@csl/internal/labels/label";
import { missingLabels } from "../ranking/class-metrics.js";
import { type ClassKeys, scoreToKey } from "../scores/class-keys.js";
import type { NumberArray } from "../scores/label-matrix.js";

/** Yes/no decisions on annotated entries, counted per class. */
export type DecisionCounts = {
  truePositives: Uint32Array;
  falsePositives: Uint32Array;
  falseNegatives: Uint32Array;
  trueNegatives: Uint32Array;
};

/** How many of a sample's classes may be predicted. */
export type TopK = {
  k: number;
  /**
   * `exact` (default): the k best-scored classes are predicted, whatever the threshold says (mmpretrain, DualCoOp's
   * zero-shot table). `and-threshold`: those of them that also pass the threshold (HCP, ML-GCN's top-3 columns).
   */
  rule?: "exact" | "and-threshold";
};

/** What turns a score into a decision: a threshold (strict >, one for all or one per class) and perhaps a top-k. */
type DecisionRule = { threshold: number | NumberArray; topK?: TopK | undefined };

export function emptyDecisionCounts(numClasses: number): DecisionCounts {
  return {
    truePositives: new Uint32Array(numClasses),
    falsePositives: new Uint32Array(numClasses),
    falseNegatives: new Uint32Array(numClasses),
    trueNegatives: new Uint32Array(numClasses),
  };
}

/** Adds the decisions on a valid [rows, classes] matrix to `counts`. Un-annotated entries are no decisions. */
export function countDecisions(
  counts: DecisionCounts,
  scores: NumberArray,
  labels: Int8Array,
  { threshold, topK }: DecisionRule,
): void {
  const numClasses = counts.truePositives.length;
  // A float32 score equal to the threshold must not pass because the threshold was written as a wider number.
  const rounded = scores instanceof Float32Array ? Math.fround : (value: number) => value;
  const thresholds = Float64Array.from({ length: numClasses }, (_, c) =>
    rounded(typeof threshold === "number" ? threshold : threshold[c]!),
  );
  const exact = topK !== undefined && (topK.rule ?? "exact") === "exact";
  const chosen = new Int32Array(topK?.k ?? 0);
  const isChosen = new Uint8Array(numClasses);
  const annotated = (at: number): boolean => labels[at] !== Label.Unannotated;
  for (let start = 0; start < labels.length; start += numClasses) {
    if (topK !== undefined) {
      isChosen.fill(0);
      const size = selectTopK(scores, annotated, { from: start, to: start + numClasses, out: chosen });
      for (let i = 0; i < size; i++) isChosen[chosen[i]! - start] = 1;
    }
    for (let c = 0; c < numClasses; c++) {
      const label = labels[start + c]!;
      if (label === Label.Unannotated) continue;
      const passes = exact || scores[start + c]! > thresholds[c]!;
      const predicted = passes && (topK === undefined || isChosen[c] === 1);
      if (label === Label.Positive) {
        if (predicted) counts.truePositives[c]!++;
        else counts.falseNegatives[c]!++;
      } else if (predicted) counts.falsePositives[c]!++;
      else counts.trueNegatives[c]!++;
    }
  }
}

/**
 * Positions of the k largest of `scores[from .. to)` among those that `eligible` accepts; equal scores are taken in
 * order of position. Fewer when fewer are eligible. Written into `out` (length k), best first; returns how many.
 */
function selectTopK(
  scores: ArrayLike<number>,
  eligible: (at: number) => boolean,
  { from, to, out }: { from: number; to: number; out: Int32Array },
): number {
  let size = 0;
  for (let at = from; at < to; at++) {
    if (!eligible(at)) continue;
    const score = scores[at]!;
    if (size === out.length && !(score > scores[out[size - 1]!]!)) continue;
    let place = size < out.length ? size++ : size - 1;
    while (place > 0 && score > scores[out[place - 1]!]!) {
      out[place] = out[place - 1]!;
      place--;
    }
    out[place] = at;
  }
  return size;
}

/** Counts the decisions "score > threshold" on some of a class's entries. */
export function addKeyDecisions(
  counts: DecisionCounts,
  index: number,
  { positives, numPositives, annotated, numAnnotated }: ClassKeys,
  threshold: number,
): void {
  const key = scoreToKey(threshold);
  const truePositives = countAbove(positives, numPositives, key);
  const falsePositives = countAbove(annotated, numAnnotated, key) - truePositives;
  counts.truePositives[index]! += truePositives;
  counts.falsePositives[index]! += falsePositives;
  counts.falseNegatives[index]! += numPositives - truePositives;
  counts.trueNegatives[index]! += numAnnotated - numPositives - falsePositives;
}

function countAbove(keys: Int32Array, length: number, key: number): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (keys[i]! > key) count++;
  return count;
}

/** One class's decisions; ratios that are 0/0 are 0. */
type ClassDecisions = {
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

/** How the means over classes are taken. */
export type MeanOptions = {
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

/** From counts to the six numbers. */
export function summarizeDecisions(
  speaker: string,
  counts: DecisionCounts,
  { convention = "mean", emptyClass = "skip" }: MeanOptions,
): PrecisionRecallF1 {
  const perClass = Array.from({ length: counts.truePositives.length }, (_, c) => classDecisions(counts, c));
  const valid = perClass.filter((d) => {
    const positives = d.truePositives + d.falseNegatives;
    const negatives = d.falsePositives + d.trueNegatives;
    return emptyClass === "zero" || missingLabels(positives, negatives) === null;
  });
  if (valid.length === 0) {
    throw new CslError(
      "invalid-argument",
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
