import { checkCount } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";

/** Numbers by index: a typed array or a plain one. */
export type NumberArray = ArrayLike<number> & Iterable<number>;

/** Scores (as bit patterns) and labels of the same entries, row-major [rows, numClasses]. */
export type LabelMatrix = {
  /** The public function that names itself in an error about an entry. */
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
  checkCount(speaker, "numClasses", numClasses);
  if (scores.length !== labels.length) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected as many labels as scores (${scores.length}), got ${labels.length}. Use -1 for an un-annotated label.`,
    );
  }
  if (scores.length === 0 || scores.length % numClasses !== 0) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected a positive multiple of numClasses (${numClasses}) scores, got ${scores.length}. Is the class list the same as the model's?`,
    );
  }
  return {
    speaker,
    bits: scoreBits(speaker, asNumbers(scores), numClasses),
    labels: toInt8(speaker, asNumbers(labels), numClasses),
    numClasses,
    rows: scores.length / numClasses,
  };
}

/** A BigInt64Array, as tensors of int64 come, as numbers; anything else as it is. */
function asNumbers(values: NumberArray): NumberArray {
  return typeof (values[0] as unknown) === "bigint" ? Array.from(values, Number) : values;
}

/** The same with every entry checked at once, for callers that must not keep half of a bad batch. */
export function toCheckedMatrix(
  speaker: string,
  scores: NumberArray,
  labels: NumberArray,
  numClasses: number,
): LabelMatrix {
  const matrix = toLabelMatrix(speaker, scores, labels, numClasses);
  checkEntries(matrix);
  return matrix;
}

export function checkEntries(matrix: LabelMatrix): void {
  const { speaker, bits, labels, numClasses } = matrix;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label < -1 || label > 1) throw labelError(speaker, label, i, numClasses);
    if (nanSign(bits[i]!) < 0) throw nanError(speaker, i, numClasses);
  }
}

/** The error for a label outside {1, 0, -1} at flat position `at`. */
export function labelError(speaker: string, label: number, at: number, numClasses: number): CslError {
  return new CslError(
    "invalid-argument",
    `${speaker}: expected labels 1 (positive), 0 (negative) or -1 (un-annotated), got ${label} at ${place(at, numClasses)}. Round soft labels or mark them -1.`,
  );
}

/** The error for the first NaN of a matrix in which a reading loop has seen one. */
export function findNan({ speaker, bits, numClasses }: LabelMatrix): CslError {
  return nanError(
    speaker,
    bits.findIndex((pattern) => nanSign(pattern) < 0),
    numClasses,
  );
}

function nanError(speaker: string, at: number, numClasses: number): CslError {
  return new CslError(
    "invalid-argument",
    `${speaker}: expected scores that can be ranked, got NaN at ${place(at, numClasses)}. Has the training diverged?`,
  );
}

function place(at: number, numClasses: number): string {
  return numClasses === 1
    ? `position ${at}`
    : `sample ${Math.floor(at / numClasses)}, class ${at % numClasses}`;
}

function toInt8(speaker: string, labels: NumberArray, numClasses: number): Int8Array {
  if (labels instanceof Int8Array) return labels;
  const converted = Int8Array.from(labels);
  for (let i = 0; i < labels.length; i++) {
    if (converted[i] !== labels[i]) throw labelError(speaker, labels[i]!, i, numClasses);
  }
  return converted;
}

/**
 * A float32's bit pattern as a signed integer that sorts as the float does: the sign-magnitude form becomes two's
 * complement, so -0 and +0 share the key 0.
 */
export function orderedKey(bits: number): number {
  const sign = bits >> 31;
  return ((bits & 0x7fffffff) ^ sign) - sign;
}

/** Negative when `bits` is a NaN, so that a loop can OR it together and look once at the end. */
export function nanSign(bits: number): number {
  return 0x7f800000 - (bits & 0x7fffffff);
}

/**
 * Float32 scores as their bit patterns (a view, no copy; their NaNs are found by the loops that read them). Wider
 * numbers would lose order when rounded, so they become dense ranks, 0 for the smallest: positive bit patterns sort as
 * integers, so ranks are valid patterns too.
 */
function scoreBits(speaker: string, scores: NumberArray, numClasses: number): Int32Array {
  if (scores instanceof Float32Array) return new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const values = Float64Array.from(scores);
  const nanAt = values.findIndex(Number.isNaN);
  if (nanAt >= 0) throw nanError(speaker, nanAt, numClasses);
  return denseRanks(values);
}

function denseRanks(values: Float64Array): Int32Array {
  const distinct = values.slice().sort();
  let size = 0;
  for (const value of distinct) {
    if (size === 0 || distinct[size - 1] !== value) distinct[size++] = value;
  }
  const ranks = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (distinct[middle]! < value) low = middle + 1;
      else high = middle;
    }
    ranks[i] = low;
  }
  return ranks;
}
