import { type ClassKeys, collectAnnotated, collectPositives } from "./class-keys.js";
import type { LabelMatrix } from "./label-matrix.js";

/**
 * Appends the matrix's annotated entries to `classes`, its samples dealt out to folds in turn: sample i of all samples
 * goes to fold i mod `folds`, and its class c to `classes[fold * numClasses + c]`.
 *
 * @param options.seen samples that went before.
 */
export function collectFolds(
  matrix: LabelMatrix,
  classes: readonly ClassKeys[],
  { folds, seen }: { folds: number; seen: number },
): void {
  const { numClasses, rows } = matrix;
  for (let row = 0; row < rows; ) {
    const fold = (seen + row) % folds;
    // `folds` samples side by side are one row of folds x classes columns: no entry is copied to be dealt out.
    const rounds = fold === 0 ? Math.floor((rows - row) / folds) : 0;
    const width = rounds > 0 ? folds : Math.min(folds - fold, rows - row);
    const height = Math.max(rounds, 1);
    const start = row * numClasses;
    const end = start + height * width * numClasses;
    const part = {
      ...matrix,
      bits: matrix.bits.subarray(start, end),
      labels: matrix.labels.subarray(start, end),
      numClasses: width * numClasses,
      rows: height,
    };
    const own = classes.slice(fold * numClasses, (fold + width) * numClasses);
    collectAnnotated(part, own, collectPositives(part, own));
    row += height * width;
  }
}
