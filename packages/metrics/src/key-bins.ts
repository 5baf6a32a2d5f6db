/**
 * Bins for ranking keys that are too many to keep. Equal steps of the key are equal *relative* steps of the score, so
 * a bin is 1/128 of its power of two wide, between 2^-6 and 2^7 in size and for either sign: fine for logits. Scores
 * closer to 0 share the middle bin, larger ones the outermost.
 */
const SMALLEST = 0x3c800000; // 2^-6 as float32 bits
const LARGEST = 0x43000000; // 2^7
const SHIFT = 16;
const PER_SIGN = ((LARGEST - SMALLEST) >> SHIFT) + 1;

export const NUM_BINS: number = 2 * PER_SIGN + 1;

/** The bin of an ordered key, rising with the score. */
export function binOf(key: number): number {
  const size = key < 0 ? -key : key;
  if (size < SMALLEST) return PER_SIGN;
  const step = Math.min((size - SMALLEST) >> SHIFT, PER_SIGN - 1) + 1;
  return key < 0 ? PER_SIGN - step : PER_SIGN + step;
}

/** Element b: how many lie in bin b or a higher one. One element more than there are bins, and that is 0. */
export function countsFrom(bins: Uint32Array): Float64Array {
  const from = new Float64Array(bins.length + 1);
  for (let bin = bins.length - 1; bin >= 0; bin--) from[bin] = from[bin + 1]! + bins[bin]!;
  return from;
}
