import { CslError } from "@csl/internal/errors/csl-error";
import { type ClassKeys, collectAnnotated, collectPositives, emptyClassKeys } from "./class-keys.js";
import { type LabelMatrix, type NumberArray, toCheckedMatrix } from "./label-matrix.js";

/** The annotated entries by class and fold, as ranking keys: what thresholds and calibration are computed from. */
export type AnnotatedScores = {
  numClasses: number;
  numSamples: number;
  folds: number;
  /** The entries of one class, one part per fold. */
  forClass(index: number): readonly ClassKeys[];
};

/** Scores and labels in one piece, or a MetricAccumulator that has seen them in batches. */
export type ScoreSource =
  | {
      /** [rows * numClasses] row-major, read as float32. */
      scores: NumberArray;
      /** [rows * numClasses] 1, 0 or -1. */
      labels: NumberArray;
      numClasses: number;
    }
  | { annotatedScores(): AnnotatedScores };

/** Validates a source and gives its entries. @param folds for a matrix; an accumulator has its own. */
export function annotatedScores(speaker: string, source: ScoreSource, folds = 1): AnnotatedScores {
  if ("annotatedScores" in source) {
    const held = source.annotatedScores();
    if (held.numSamples > 0) return held;
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected at least one sample, got none. Call add() first.`,
    );
  }
  const { labels, numClasses } = source;
  const scores = source.scores instanceof Float32Array ? source.scores : Float32Array.from(source.scores);
  const matrix = toCheckedMatrix(speaker, scores, labels, numClasses);
  const classes = Array.from({ length: folds * numClasses }, () => emptyClassKeys());
  collectFolds(matrix, classes, { folds, seen: 0 });
  return foldedScores(classes, { numClasses, numSamples: matrix.rows, folds });
}

/** `classes[fold * numClasses + c]` by class. */
export function foldedScores(
  classes: readonly ClassKeys[],
  sizes: { numClasses: number; numSamples: number; folds: number },
): AnnotatedScores {
  const forClass = (index: number): ClassKeys[] =>
    Array.from({ length: sizes.folds }, (_, fold) => classes[fold * sizes.numClasses + index]!);
  return { ...sizes, forClass };
}

/**
 * Appends the matrix's annotated entries to `classes`, its samples assigned to folds in turn: sample i of all samples
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
    // `folds` samples side by side are one row of folds x classes columns: no entry is copied.
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

/** How many annotated positives and negatives a class has in all its folds. */
export function countSupport(parts: readonly ClassKeys[]): { positives: number; negatives: number } {
  const positives = parts.reduce((sum, { numPositives }) => sum + numPositives, 0);
  return { positives, negatives: parts.reduce((sum, { numAnnotated }) => sum + numAnnotated, 0) - positives };
}
