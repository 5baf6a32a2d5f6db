/** Below this length the engine's own sort costs less than clearing three histograms. */
const SMALL = 256;

/**
 * Sorts the first `length` signed keys of `keys` ascending and returns them: least significant digit first, digits of
 * 11, 11 and 10 bits. `spare` (at least as long) is overwritten and may be what is returned.
 */
export function radixSort(keys: Int32Array, length: number, spare: Int32Array): Int32Array {
  if (length < SMALL) return keys.subarray(0, length).sort();
  const low = new Int32Array(2048);
  const middle = new Int32Array(2048);
  const high = new Int32Array(1024);
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    low[key & 2047]!++;
    middle[(key >>> 11) & 2047]!++;
    high[signedTop(key)]!++;
  }
  toOffsets(low);
  toOffsets(middle);
  toOffsets(high);
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    spare[low[key & 2047]!++] = key;
  }
  for (let i = 0; i < length; i++) {
    const key = spare[i]!;
    keys[middle[(key >>> 11) & 2047]!++] = key;
  }
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    spare[high[signedTop(key)]!++] = key;
  }
  return spare.subarray(0, length);
}

/** The top ten bits with the sign bit flipped, so that negative keys come first. */
function signedTop(key: number): number {
  return (key >>> 22) ^ 512;
}

function toOffsets(histogram: Int32Array): void {
  let start = 0;
  for (let i = 0; i < histogram.length; i++) {
    const count = histogram[i]!;
    histogram[i] = start;
    start += count;
  }
}
