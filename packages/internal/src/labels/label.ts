import { CslError } from "../errors/csl-error.js";

/** The three states of a (sample, class) cell, the same numbers in every file and tensor of the project. */
export const Label = { Positive: 1, Negative: 0, Unannotated: -1 } as const;
export type Label = (typeof Label)[keyof typeof Label];

/** Returns `value` as a Label, or throws an error that names `speaker` and, when given, the `place`. */
export function checkLabel(value: number, speaker: string, place?: () => string): Label {
  if (value === 1 || value === 0 || value === -1) return value;
  throw new CslError(
    "invalid-argument",
    `${speaker}: expected a label of 1 (positive), 0 (negative) or -1 (un-annotated)${place ? ` for ${place()}` : ""}, ` +
      `got ${String(value)}. Soft or missing values must be turned into one of the three first.`,
  );
}
