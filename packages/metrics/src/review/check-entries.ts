import { CslError } from "@csl/internal/errors/csl-error";
import { labelError } from "../scores/label-matrix.js";

/** Refuses labels other than 1, 0 and -1. */
export function checkLabelValues(speaker: string, labels: ArrayLike<number>, numClasses: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label !== 1 && label !== 0 && label !== -1) throw labelError(speaker, label, i, numClasses);
  }
}

/** Refuses probabilities outside of [0, 1] (NaN stands for "not known") and arrays that do not fit each other. */
export function checkEntries(
  speaker: string,
  values: { name: string; entries: ArrayLike<number> },
  labels: ArrayLike<number>,
  numClasses: number,
): void {
  if (values.entries.length !== labels.length || labels.length % numClasses !== 0)
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${values.name} and labels of [samples * ${numClasses}], got ${values.entries.length} and ${labels.length}.`,
    );
  checkLabelValues(speaker, labels, numClasses);
}

export function checkProbabilities(speaker: string, probabilities: ArrayLike<number>): void {
  for (let i = 0; i < probabilities.length; i++) {
    const value = probabilities[i]!;
    if (value < 0 || value > 1)
      throw new CslError(
        "invalid-argument",
        `${speaker}: expected probabilities from 0 to 1, got ${value} at ${i}. calibrateScores makes them of scores.`,
      );
  }
}
