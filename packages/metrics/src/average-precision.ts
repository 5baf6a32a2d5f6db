import {
  type AveragePrecisionOptions,
  checkAveragePrecisionOptions,
  classAveragePrecision,
} from "./class-average-precision.js";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "./class-keys.js";
import { toLabelMatrix } from "./label-matrix.js";
import type { NumberArray } from "./number-array.js";
import { createWorkspace } from "./precision-points.js";

/**
 * Average precision of one class over its annotated entries.
 *
 * @param scores [n] any numbers that rank (logits or probabilities; logits keep ties rare), infinities allowed.
 * @param labels [n] 1, 0, or -1 for un-annotated entries, which are left out.
 * @returns AP in [0, 1]; 0 when no entry is positive (as scikit-learn and the reference; evaluate() skips such a class).
 * @throws RangeError on a NaN score, a label outside {1, 0, -1} or different lengths.
 * @see scikit-learn `average_precision_score` (default options), helper_functions.py `average_precision` of the reference (`ties: "rank"`).
 */
export function averagePrecision(
  scores: NumberArray,
  labels: NumberArray,
  options: AveragePrecisionOptions = {},
): number {
  checkAveragePrecisionOptions("averagePrecision", options);
  return classAveragePrecision(
    singleClassKeys("averagePrecision", scores, labels),
    createWorkspace(),
    options,
  );
}

/** Validates one class's scores and labels and gathers their keys. */
export function singleClassKeys(speaker: string, scores: NumberArray, labels: NumberArray): ClassKeys {
  const matrix = toLabelMatrix(speaker, scores, labels, 1);
  const keys = emptyClassKeys(matrix.rows);
  collectAnnotated(matrix, [keys], collectPositives(matrix, [keys]));
  return keys;
}
