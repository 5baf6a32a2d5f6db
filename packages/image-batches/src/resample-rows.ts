import { PRECISION_BITS, type ResampleTable } from "./resample-table.js";

const HALF = 1 << (PRECISION_BITS - 1);
// Rows handled together: walking down a column touches one cache line per row, and 128 of them stay in L1.
const BLOCK = 128;

/**
 * The horizontal pass: [height, inWidth, 3] → [height, table.first.length, 3], rounded and clipped to 8 bits.
 * It walks column by column, so that the weights of a column stay in local variables.
 */
export function resampleRows(
  input: Uint8Array,
  inWidth: number,
  height: number,
  table: ResampleTable,
): Uint8Array {
  const outWidth = table.first.length;
  // Clamped, because bicubic's negative lobes leave 0..255; the stored value is an integer already.
  const output = new Uint8ClampedArray(outWidth * height * 3);
  const inStride = inWidth * 3;
  const outStride = outWidth * 3;
  for (let top = 0; top < height; top += BLOCK) {
    const rows = Math.min(BLOCK, height - top);
    for (let x = 0; x < outWidth; x++) {
      const count = table.count[x]!;
      const column = columns[count] ?? columnOfMany;
      const from = top * inStride + table.first[x]! * 3;
      const to = top * outStride + x * 3;
      column(input, from, inStride, output, to, outStride, rows, table.weights, x * table.stride, count);
    }
  }
  return new Uint8Array(output.buffer);
}

/** Computes one output column of `rows` pixels; the table below holds one version per number of taps. */
type Column = (
  input: Uint8Array,
  from: number,
  inStride: number,
  output: Uint8ClampedArray,
  to: number,
  outStride: number,
  rows: number,
  weights: Int32Array,
  at: number,
  count: number,
) => void;

const columnOf1: Column = (input, from, inStride, output, to, outStride, rows, weights, at) => {
  const k = weights[at]!;
  for (let r = 0, i = from, o = to; r < rows; r++, i += inStride, o += outStride) {
    output[o] = (HALF + Math.imul(input[i]!, k)) >> PRECISION_BITS;
    output[o + 1] = (HALF + Math.imul(input[i + 1]!, k)) >> PRECISION_BITS;
    output[o + 2] = (HALF + Math.imul(input[i + 2]!, k)) >> PRECISION_BITS;
  }
};

const columnOf2: Column = (input, from, inStride, output, to, outStride, rows, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  for (let r = 0, i = from, o = to; r < rows; r++, i += inStride, o += outStride) {
    output[o] = (HALF + Math.imul(input[i]!, k0) + Math.imul(input[i + 3]!, k1)) >> PRECISION_BITS;
    output[o + 1] = (HALF + Math.imul(input[i + 1]!, k0) + Math.imul(input[i + 4]!, k1)) >> PRECISION_BITS;
    output[o + 2] = (HALF + Math.imul(input[i + 2]!, k0) + Math.imul(input[i + 5]!, k1)) >> PRECISION_BITS;
  }
};

const columnOf3: Column = (input, from, inStride, output, to, outStride, rows, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  const k2 = weights[at + 2]!;
  for (let r = 0, i = from, o = to; r < rows; r++, i += inStride, o += outStride) {
    const red = HALF + Math.imul(input[i]!, k0) + Math.imul(input[i + 3]!, k1) + Math.imul(input[i + 6]!, k2);
    const green =
      HALF + Math.imul(input[i + 1]!, k0) + Math.imul(input[i + 4]!, k1) + Math.imul(input[i + 7]!, k2);
    const blue =
      HALF + Math.imul(input[i + 2]!, k0) + Math.imul(input[i + 5]!, k1) + Math.imul(input[i + 8]!, k2);
    output[o] = red >> PRECISION_BITS;
    output[o + 1] = green >> PRECISION_BITS;
    output[o + 2] = blue >> PRECISION_BITS;
  }
};

const columnOf4: Column = (input, from, inStride, output, to, outStride, rows, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  const k2 = weights[at + 2]!;
  const k3 = weights[at + 3]!;
  for (let r = 0, i = from, o = to; r < rows; r++, i += inStride, o += outStride) {
    const red =
      HALF +
      Math.imul(input[i]!, k0) +
      Math.imul(input[i + 3]!, k1) +
      Math.imul(input[i + 6]!, k2) +
      Math.imul(input[i + 9]!, k3);
    const green =
      HALF +
      Math.imul(input[i + 1]!, k0) +
      Math.imul(input[i + 4]!, k1) +
      Math.imul(input[i + 7]!, k2) +
      Math.imul(input[i + 10]!, k3);
    const blue =
      HALF +
      Math.imul(input[i + 2]!, k0) +
      Math.imul(input[i + 5]!, k1) +
      Math.imul(input[i + 8]!, k2) +
      Math.imul(input[i + 11]!, k3);
    output[o] = red >> PRECISION_BITS;
    output[o + 1] = green >> PRECISION_BITS;
    output[o + 2] = blue >> PRECISION_BITS;
  }
};

const columnOfMany: Column = (input, from, inStride, output, to, outStride, rows, weights, at, count) => {
  for (let r = 0, i = from, o = to; r < rows; r++, i += inStride, o += outStride) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    for (let tap = 0, p = i; tap < count; tap++, p += 3) {
      const k = weights[at + tap]!;
      red = (red + Math.imul(input[p]!, k)) | 0;
      green = (green + Math.imul(input[p + 1]!, k)) | 0;
      blue = (blue + Math.imul(input[p + 2]!, k)) | 0;
    }
    output[o] = red >> PRECISION_BITS;
    output[o + 1] = green >> PRECISION_BITS;
    output[o + 2] = blue >> PRECISION_BITS;
  }
};

const columns: readonly (Column | undefined)[] = [undefined, columnOf1, columnOf2, columnOf3, columnOf4];
