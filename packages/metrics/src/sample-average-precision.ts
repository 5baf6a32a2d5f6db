import { classAveragePrecision } from "./class-average-precision.js";
import { collectAnnotated, collectPositives, emptyClassKeys } from "./class-keys.js";
import { skipReason } from "./class-metrics.js";
import type { EvaluateOptions } from "./evaluate.js";
import type { LabelMatrix } from "./label-matrix.js";
import type { Workspace } from "./precision-points.js";

/** A running mean over samples. */
export type SampleSum = { sum: number; count: number };

export function emptySampleSum(): SampleSum {
  return { sum: 0, count: 0 };
}

/** Adds the AP of every row's own ranking of its annotated classes (scikit-learn's `average="samples"`). */
export function addSampleAveragePrecisions(
  total: SampleSum,
  matrix: LabelMatrix,
  workspace: Workspace,
  options: EvaluateOptions,
): void {
  const { numClasses, rows } = matrix;
  const buffer = new Int32Array(numClasses + 1);
  for (let row = 0; row < rows; row++) {
    const start = row * numClasses;
    const column = {
      speaker: matrix.speaker,
      bits: matrix.bits.subarray(start, start + numClasses),
      labels: matrix.labels.subarray(start, start + numClasses),
      numClasses: 1,
      rows: numClasses,
    };
    const keys = { ...emptyClassKeys(), annotated: buffer };
    collectAnnotated(column, [keys], collectPositives(column, [keys]));
    const skipped = skipReason(keys.numPositives, keys.numAnnotated - keys.numPositives);
    if (skipped !== null && options.emptyClass !== "zero") continue;
    total.sum += classAveragePrecision(keys, workspace, options);
    total.count++;
  }
}
