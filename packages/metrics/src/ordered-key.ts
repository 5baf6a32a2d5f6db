import type { NumberArray } from "./number-array.js";

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
 * Float32 scores as their bit patterns (a view, no copy). Wider numbers would lose order when rounded, so they become
 * dense ranks, 0 for the smallest: positive bit patterns sort as integers, hence ranks are valid patterns too.
 *
 * @returns the patterns, or the index of the first NaN of a wide input (float32 NaNs are found while reading).
 */
export function scoreBits(scores: NumberArray): { bits: Int32Array } | { nanAt: number } {
  if (scores instanceof Float32Array) {
    return { bits: new Int32Array(scores.buffer, scores.byteOffset, scores.length) };
  }
  const values = Float64Array.from(scores);
  const nanAt = values.findIndex(Number.isNaN);
  if (nanAt >= 0) return { nanAt };
  return { bits: denseRanks(values) };
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
