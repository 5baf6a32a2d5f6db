import { checkOptions } from "@csl/internal/errors/check-options";
import { checkChoice } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "../scores/class-keys.js";
import { type NumberArray, toLabelMatrix } from "../scores/label-matrix.js";
import {
  type BinTies,
  createWorkspace,
  type PrecisionPoints,
  precisionPoints,
  type Workspace,
} from "./precision-points.js";

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

/**
 * Average precision of one class over its annotated entries.
 *
 * @param scores [n] any numbers that rank (logits or probabilities; logits keep ties rare), infinities allowed.
 * @param labels [n] 1, 0, or -1 for un-annotated entries, which are left out.
 * @returns AP in [0, 1]; 0 when no entry is positive (as scikit-learn and the reference; evaluate() skips such a class).
 * @throws CslError `invalid-argument` on a NaN score, a label outside {1, 0, -1} or different lengths.
 * @see scikit-learn `average_precision_score` (default options), helper_functions.py `average_precision` of the reference (`ties: "rank"`).
 */
export function averagePrecision(
  scores: NumberArray,
  labels: NumberArray,
  options: AveragePrecisionOptions = {},
): number {
  const speaker = "averagePrecision";
  checkOptions(speaker, options, { ties: true, interpolation: true });
  checkConventions(speaker, options);
  return classAveragePrecision(singleClassKeys(speaker, scores, labels), createWorkspace(), options);
}

/** What AP could be under any order of equal scores. */
type AveragePrecisionInterval = {
  /** Every tied negative ranked before the positives of its score. */
  worst: number;
  /**
   * The tie-grouped value (averagePrecision's default). It lies in between, except that it may exceed `best` when
   * positives share a score among themselves: all of them get the precision of the last.
   */
  grouped: number;
  /** Every tied negative ranked behind them. */
  best: number;
  /** Share of the positives whose score a negative has as well: 0 means that the three numbers agree. */
  tiedShare: number;
};

/**
 * The range in which AP lies when an implementation breaks ties its own way. A wide one says that the scores were
 * saturated or rounded (a sigmoid in half precision): rank on float32 logits instead.
 *
 * @param scores [n]  @param labels [n] 1, 0 or -1
 * @throws CslError `invalid-argument` as averagePrecision does, and when no entry is positive.
 */
export function averagePrecisionInterval(scores: NumberArray, labels: NumberArray): AveragePrecisionInterval {
  const keys = singleClassKeys("averagePrecisionInterval", scores, labels);
  if (keys.numPositives === 0) {
    throw new CslError(
      "invalid-argument",
      "averagePrecisionInterval: expected at least one positive label, got none.",
    );
  }
  const points = precisionPoints(keys, createWorkspace());
  const area = (order: TieOrder): number =>
    interpolations.none(recallCurve(points, order)) / keys.numPositives;
  let tied = 0;
  for (let i = 0; i < points.length; i++) if (points.negativesTied[i]! > 0) tied += points.positives[i]!;
  return {
    worst: area("worst"),
    grouped: area("grouped"),
    best: area("best"),
    tiedShare: tied / keys.numPositives,
  };
}

/** Validates one class's scores and labels and gathers their keys. */
function singleClassKeys(speaker: string, scores: NumberArray, labels: NumberArray): ClassKeys {
  const matrix = toLabelMatrix(speaker, scores, labels, 1);
  const keys = emptyClassKeys(matrix.rows);
  collectAnnotated(matrix, [keys], collectPositives(matrix, [keys]));
  return keys;
}

/** Refuses option values that a plain JavaScript caller may have misspelt. */
export function checkConventions(
  speaker: string,
  { ties = "grouped", interpolation = "none" }: AveragePrecisionOptions,
): void {
  checkChoice(speaker, "ties", ties, ["grouped", "rank"]);
  checkChoice(speaker, "interpolation", interpolation, Object.keys(interpolations));
}

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

/** Cumulative counts from the best score down; recall = truePositives / numPositives. */
type RecallCurve = {
  length: number;
  truePositives: Int32Array;
  falsePositives: Int32Array;
  numPositives: number;
};

/**
 * How equal scores are put in order. `grouped`: one point for the whole group (no order is invented). `worst` and
 * `best`: every positive has its own rank, behind or before the negatives of its group.
 */
type TieOrder = "grouped" | "worst" | "best";

/** The curve of one class under a tie order, one point per step. */
function recallCurve(points: PrecisionPoints, order: TieOrder): RecallCurve {
  const { numPositives } = points;
  const truePositives = new Int32Array(numPositives);
  const falsePositives = new Int32Array(numPositives);
  let length = 0;
  let found = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    const inGroup = points.positives[i]!;
    const before = points.negativesAbove[i]! + (order === "best" ? 0 : points.negativesTied[i]!);
    for (let step = order === "grouped" ? inGroup : 1; step <= inGroup; step++) {
      truePositives[length] = found + step;
      falsePositives[length++] = before;
    }
    found += inGroup;
  }
  return { length, truePositives, falsePositives, numPositives };
}

/** How the area under a precision-recall curve is taken. */
type Interpolation = "none" | "voc07" | "voc10" | "coco101";

/**
 * The areas in use, as a table. Each gets a curve with at least one positive and returns the area times the number of
 * positives, so that the reference's denominator can be applied to any of them.
 *
 * - `none`: step integral, sum of precision x recall step (scikit-learn, torchmetrics; the reference's rank AP).
 * - `voc07`: mean of the best precision at recall >= 0, 0.1 … 1 (PASCAL VOC 2007).
 * - `voc10`: step integral under the monotone envelope (PASCAL VOC 2010 and later).
 * - `coco101`: mean of the envelope at recall 0, 0.01 … 1 (COCO, LVIS).
 */
const interpolations: Record<Interpolation, (curve: RecallCurve) => number> = {
  none: (curve) => stepIntegral(curve, precisions(curve)),
  voc07: (curve) => meanAtRecalls(curve, 10),
  voc10: (curve) => stepIntegral(curve, envelope(curve)),
  coco101: (curve) => meanAtRecalls(curve, 100),
};

function precisions({ length, truePositives, falsePositives }: RecallCurve): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = truePositives[i]! / (truePositives[i]! + falsePositives[i]!);
  return out;
}

/** The best precision at this recall or any larger one. */
function envelope(curve: RecallCurve): Float64Array {
  const out = precisions(curve);
  for (let i = out.length - 2; i >= 0; i--) out[i] = Math.max(out[i]!, out[i + 1]!);
  return out;
}

function stepIntegral({ truePositives }: RecallCurve, precision: Float64Array): number {
  let sum = 0;
  let before = 0;
  for (let i = 0; i < precision.length; i++) {
    sum += (truePositives[i]! - before) * precision[i]!;
    before = truePositives[i]!;
  }
  return sum;
}

/** Recalls are compared as integers (tp * steps >= k * positives): a recall of exactly 0.1 counts as reached. */
function meanAtRecalls(curve: RecallCurve, steps: number): number {
  const { truePositives, numPositives } = curve;
  const precision = envelope(curve);
  let sum = 0;
  for (let k = 0, i = 0; k <= steps; k++) {
    while (truePositives[i]! * steps < k * numPositives) i++;
    sum += precision[i]!;
  }
  return (sum / (steps + 1)) * numPositives;
}
