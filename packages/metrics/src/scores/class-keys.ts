import { Label } from "@csl/internal/labels/label";
import { findNan, type LabelMatrix, labelError, nanSign, orderedKey } from "./label-matrix.js";

/** The ranking keys of one class: of every annotated entry, in any order, and again of the positive ones. */
export type ClassKeys = {
  annotated: Int32Array;
  numAnnotated: number;
  positives: Int32Array;
  numPositives: number;
  /** Un-annotated entries that are to be scored as negatives. */
  assumedNegatives?: UnannotatedKeys;
};

/** The un-annotated entries of one class: as ranking keys, or as counts by bin of `keyBin`. */
export type UnannotatedKeys = { keys: Int32Array; length: number } | { bins: Uint32Array; length: number };

// Bound here because the engine folds constants of a module into its loops, but not those it imports (2x slower).
const { Positive, Negative, Unannotated } = Label;
const toKey = orderedKey;
const signOfNan = nanSign;

const NO_KEYS = new Int32Array(0);

/** Rows that are transposed together: 256 rows x one 64-byte line of scores stay in the first-level cache. */
const TILE = 256;

export function emptyClassKeys(capacity = 0): ClassKeys {
  return {
    annotated: new Int32Array(capacity),
    numAnnotated: 0,
    positives: new Int32Array(0),
    numPositives: 0,
  };
}

/**
 * Appends the keys of the matrix's positive entries to `classes` in one linear pass, and checks every label.
 * Four labels are read as one 32-bit number, because most of these are four negatives or four un-annotated ones.
 *
 * @returns how many entries of each class are un-annotated.
 */
export function collectPositives(matrix: LabelMatrix, classes: readonly ClassKeys[]): Uint32Array {
  const { speaker, bits, labels, numClasses } = matrix;
  const unannotated = new Uint32Array(numClasses);
  const head = (4 - (labels.byteOffset % 4)) % 4;
  const numWords = Math.max((labels.length - head) >> 2, 0);
  const words = numWords > 0 ? new Int32Array(labels.buffer, labels.byteOffset + head, numWords) : NO_KEYS;
  const tail = head + numWords * 4;
  for (let i = 0; i < labels.length; i++) {
    if (((i - head) & 3) === 0 && i < tail && words[(i - head) >> 2] === 0) {
      i += 3;
      continue;
    }
    const label = labels[i]!;
    if (label === Negative) continue;
    const column = i % numClasses;
    if (label === Unannotated) unannotated[column]!++;
    else if (label === Positive) appendPositive(classes[column]!, toKey(bits[i]!));
    else throw labelError(speaker, label, i, numClasses);
  }
  return unannotated;
}

function appendPositive(keys: ClassKeys, key: number): void {
  if (keys.numPositives === keys.positives.length) {
    keys.positives = grown(keys.positives, keys.numPositives + 1);
  }
  keys.positives[keys.numPositives++] = key;
}

/**
 * Appends the keys of the annotated entries of columns [from, to) to `classes` (classes[0] is column `from`), and
 * checks every score. Sixteen columns at a time use whole cache lines; a column without un-annotated entries
 * (`unannotated`, from collectPositives) is read without its labels.
 */
export function collectAnnotated(
  matrix: LabelMatrix,
  classes: readonly ClassKeys[],
  unannotated: Uint32Array,
  { from = 0, to = matrix.numClasses }: { from?: number; to?: number } = {},
): void {
  const { bits, labels, numClasses, rows } = matrix;
  let sign = 0;
  for (let top = 0; top < rows; top += TILE) {
    const height = Math.min(TILE, rows - top);
    for (let column = from; column < to; column++) {
      const keys = classes[column - from]!;
      // One more than fits: appendAnnotated writes ahead of the entries it keeps.
      const needed = keys.numAnnotated + height + 1;
      if (needed > keys.annotated.length) keys.annotated = grown(keys.annotated, needed);
      const start = top * numClasses + column;
      sign |=
        unannotated[column] === 0
          ? appendAll(keys, bits, start, numClasses, height)
          : appendAnnotated(keys, bits, labels, start, numClasses, height);
    }
  }
  if (sign < 0) throw findNan(matrix);
}

function appendAll(keys: ClassKeys, bits: Int32Array, start: number, stride: number, height: number): number {
  const { annotated, numAnnotated } = keys;
  const end = numAnnotated + height;
  let sign = 0;
  for (let out = numAnnotated, i = start; out < end; out++, i += stride) {
    const pattern = bits[i]!;
    sign |= signOfNan(pattern);
    annotated[out] = toKey(pattern);
  }
  keys.numAnnotated = end;
  return sign;
}

/** Writes every key and steps on only behind an annotated one: no branch for the processor to guess. */
function appendAnnotated(
  keys: ClassKeys,
  bits: Int32Array,
  labels: Int8Array,
  start: number,
  stride: number,
  height: number,
): number {
  const { annotated } = keys;
  let out = keys.numAnnotated;
  let sign = 0;
  for (let row = 0, i = start; row < height; row++, i += stride) {
    const pattern = bits[i]!;
    sign |= signOfNan(pattern);
    annotated[out] = toKey(pattern);
    out += 1 + (labels[i]! >> 7);
  }
  keys.numAnnotated = out;
  return sign;
}

function grown(keys: Int32Array, needed: number): Int32Array {
  const larger = new Int32Array(Math.max(needed, Math.ceil(keys.length * 1.5), 16));
  larger.set(keys);
  return larger;
}

/**
 * Bins for ranking keys that are too many to keep. Equal steps of the key are equal *relative* steps of the score, so
 * a bin is 1/128 of its power of two wide, between 2^-6 and 2^7 in size and for either sign: fine for logits. Scores
 * closer to 0 share the middle bin, larger ones the outermost.
 */
const SMALLEST = 0x3c800000; // 2^-6 as float32 bits
const SHIFT = 16;
const PER_SIGN = 1665; // 1 + (bits of 2^7 - SMALLEST) / 2^SHIFT

export const NUM_BINS = 3331; // two signs and the middle

/** The bin of a ranking key, rising with the score. */
export function keyBin(key: number): number {
  return relativeBin(key, SMALLEST, SHIFT, PER_SIGN);
}

/**
 * The bin of a key among `perSign` bins for either sign and one in the middle, for the keys below `smallest` in size.
 * A bin is 2^shift keys wide, the outermost ones have no end.
 */
export function relativeBin(key: number, smallest: number, shift: number, perSign: number): number {
  const size = key < 0 ? -key : key;
  if (size < smallest) return perSign;
  const step = Math.min((size - smallest) >> shift, perSign - 1) + 1;
  return key < 0 ? perSign - step : perSign + step;
}

/** Element b: how many lie in bin b or a higher one. One element more than there are bins, and that is 0. */
export function countsFrom(bins: Uint32Array): Float64Array {
  const from = new Float64Array(bins.length + 1);
  for (let bin = bins.length - 1; bin >= 0; bin--) from[bin] = from[bin + 1]! + bins[bin]!;
  return from;
}

const view = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));

/** The float32 of a ranking key (+0 for the key that both zeros share). */
export function keyToScore(key: number): number {
  view.setInt32(0, key < 0 ? -key | 0x80000000 : key);
  return view.getFloat32(0);
}

/** The ranking key of a float32. */
export function scoreToKey(score: number): number {
  view.setFloat32(0, score);
  return orderedKey(view.getInt32(0));
}
