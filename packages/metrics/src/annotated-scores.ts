import { type ClassKeys, emptyClassKeys } from "./class-keys.js";
import { collectFolds } from "./collect-folds.js";
import { checkEntries, toLabelMatrix } from "./label-matrix.js";
import type { NumberArray } from "./number-array.js";

/** The annotated entries by class and fold, as ranking keys: what thresholds and calibration are computed from. */
export type AnnotatedScores = {
  numClasses: number;
  numSamples: number;
  folds: number;
  /** The entries of one class, one part per fold. */
  ofClass(index: number): readonly ClassKeys[];
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
    throw new RangeError(`${speaker}: expected at least one sample, got none. Call add() first.`);
  }
  const { labels, numClasses } = source;
  const scores = source.scores instanceof Float32Array ? source.scores : Float32Array.from(source.scores);
  const matrix = toLabelMatrix(speaker, scores, labels, numClasses);
  checkEntries(matrix);
  const classes = Array.from({ length: folds * numClasses }, () => emptyClassKeys());
  collectFolds(matrix, classes, { folds, seen: 0 });
  return foldedScores(classes, { numClasses, numSamples: matrix.rows, folds });
}

/** `classes[fold * numClasses + c]` by class. */
export function foldedScores(
  classes: readonly ClassKeys[],
  sizes: { numClasses: number; numSamples: number; folds: number },
): AnnotatedScores {
  const ofClass = (index: number): ClassKeys[] =>
    Array.from({ length: sizes.folds }, (_, fold) => classes[fold * sizes.numClasses + index]!);
  return { ...sizes, ofClass };
}

/** How many annotated positives and negatives a class has in all its folds. */
export function supportOf(parts: readonly ClassKeys[]): { positives: number; negatives: number } {
  const positives = parts.reduce((sum, { numPositives }) => sum + numPositives, 0);
  return { positives, negatives: parts.reduce((sum, { numAnnotated }) => sum + numAnnotated, 0) - positives };
}
