import { LabelState } from "./label-state.js";
import type { NumberArray } from "./number-array.js";
import { nanSign, scoreBits } from "./ordered-key.js";

/** Scores (as ordered bit patterns) and labels of the same entries, row-major [rows, numClasses]. */
export type LabelMatrix = {
  /** Who complains when an entry turns out to be invalid. */
  speaker: string;
  bits: Int32Array;
  labels: Int8Array;
  numClasses: number;
  rows: number;
};

/**
 * Checks the shapes at the public edge and gives the matrix its fast form. Labels and NaN scores are checked by the
 * loops that read them anyway.
 */
export function toLabelMatrix(
  speaker: string,
  scores: NumberArray,
  labels: NumberArray,
  numClasses: number,
): LabelMatrix {
  if (!Number.isInteger(numClasses) || numClasses < 1) {
    throw new RangeError(
      `${speaker}: expected numClasses to be a positive integer, got ${numClasses}. Pass the number of columns.`,
    );
  }
  if (scores.length !== labels.length) {
    throw new RangeError(
      `${speaker}: expected as many labels as scores (${scores.length}), got ${labels.length}. Both are row-major [rows, classes]; use -1 for an un-annotated label.`,
    );
  }
  if (scores.length === 0 || scores.length % numClasses !== 0) {
    throw new RangeError(
      `${speaker}: expected a positive multiple of numClasses (${numClasses}) scores, got ${scores.length}. Is the class list the same as the model's?`,
    );
  }
  const converted = scoreBits(scores);
  if ("nanAt" in converted) throw nanError(speaker, converted.nanAt, numClasses);
  return {
    speaker,
    bits: converted.bits,
    labels: toInt8(speaker, labels, numClasses),
    numClasses,
    rows: scores.length / numClasses,
  };
}

function toInt8(speaker: string, labels: NumberArray, numClasses: number): Int8Array {
  if (labels instanceof Int8Array) return labels;
  const converted = Int8Array.from(labels);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const known =
      label === LabelState.Positive || label === LabelState.Negative || label === LabelState.Unannotated;
    if (!known) throw labelError(speaker, label, i, numClasses);
  }
  return converted;
}

/** The error for a label outside {1, 0, -1} at flat position `at`. */
export function labelError(speaker: string, label: number, at: number, numClasses: number): RangeError {
  return new RangeError(
    `${speaker}: expected labels 1 (positive), 0 (negative) or -1 (un-annotated), got ${label} at ${place(at, numClasses)}. Round soft labels or mark them -1.`,
  );
}

/** The error for a NaN score at flat position `at`. */
function nanError(speaker: string, at: number, numClasses: number): RangeError {
  return new RangeError(
    `${speaker}: expected scores that can be ranked, got NaN at ${place(at, numClasses)}. Check the model's output (a diverged training, an overflow in half precision).`,
  );
}

/** Finds the NaN that a reading loop has noticed. */
export function findNan({ speaker, bits, numClasses }: LabelMatrix): RangeError {
  const at = bits.findIndex((pattern) => nanSign(pattern) < 0);
  return nanError(speaker, at, numClasses);
}

/** Checks every entry at once, for callers that must not keep half of a bad batch. */
export function checkEntries(matrix: LabelMatrix): void {
  const { speaker, bits, labels, numClasses } = matrix;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < -1 || label > 1) throw labelError(speaker, label, i, numClasses);
    if (nanSign(bits[i]!) < 0) throw nanError(speaker, i, numClasses);
  }
}

function place(at: number, numClasses: number): string {
  return numClasses === 1
    ? `position ${at}`
    : `sample ${Math.floor(at / numClasses)}, class ${at % numClasses}`;
}
