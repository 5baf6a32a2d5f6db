import { PRECISION_BITS, type ResampleTable } from "./resample-table.js";

const HALF = 1 << (PRECISION_BITS - 1);

/**
 * The vertical pass: [inHeight, width, 3] → [table.first.length, width, 3], rounded and clipped to 8 bits.
 * It walks row by row over flat samples, so that reads and writes are sequential.
 */
export function resampleColumns(input: Uint8Array, width: number, table: ResampleTable): Uint8Array {
  const outHeight = table.first.length;
  const stride = width * 3;
  const output = new Uint8ClampedArray(outHeight * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < outHeight; y++) {
    const count = table.count[y]!;
    const row = rows[count] ?? rowOfMany;
    row(
      input,
      table.first[y]! * stride,
      stride,
      output,
      y * stride,
      table.weights,
      y * table.stride,
      count,
      sums,
    );
  }
  return new Uint8Array(output.buffer);
}

/** Computes one output row of `stride` samples; the table below holds one version per number of taps. */
type Row = (
  input: Uint8Array,
  from: number,
  stride: number,
  output: Uint8ClampedArray,
  to: number,
  weights: Int32Array,
  at: number,
  count: number,
  sums: Int32Array,
) => void;

const rowOf1: Row = (input, from, stride, output, to, weights, at) => {
  const k = weights[at]!;
  for (let i = 0; i < stride; i++) {
    output[to + i] = (HALF + Math.imul(input[from + i]!, k)) >> PRECISION_BITS;
  }
};

const rowOf2: Row = (input, from, stride, output, to, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  const from1 = from + stride;
  for (let i = 0; i < stride; i++) {
    output[to + i] =
      (HALF + Math.imul(input[from + i]!, k0) + Math.imul(input[from1 + i]!, k1)) >> PRECISION_BITS;
  }
};

const rowOf3: Row = (input, from, stride, output, to, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  const k2 = weights[at + 2]!;
  const from1 = from + stride;
  const from2 = from1 + stride;
  for (let i = 0; i < stride; i++) {
    const sum =
      HALF +
      Math.imul(input[from + i]!, k0) +
      Math.imul(input[from1 + i]!, k1) +
      Math.imul(input[from2 + i]!, k2);
    output[to + i] = sum >> PRECISION_BITS;
  }
};

const rowOf4: Row = (input, from, stride, output, to, weights, at) => {
  const k0 = weights[at]!;
  const k1 = weights[at + 1]!;
  const k2 = weights[at + 2]!;
  const k3 = weights[at + 3]!;
  const from1 = from + stride;
  const from2 = from1 + stride;
  const from3 = from2 + stride;
  for (let i = 0; i < stride; i++) {
    const sum =
      HALF +
      Math.imul(input[from + i]!, k0) +
      Math.imul(input[from1 + i]!, k1) +
      Math.imul(input[from2 + i]!, k2) +
      Math.imul(input[from3 + i]!, k3);
    output[to + i] = sum >> PRECISION_BITS;
  }
};

/** Adds the taps two by two into 32-bit sums, then rounds. */
const rowOfMany: Row = (input, from, stride, output, to, weights, at, count, sums) => {
  sums.fill(HALF);
  for (let tap = 0; tap < count; tap += 2) {
    const k0 = weights[at + tap]!;
    const from0 = from + tap * stride;
    // An odd last tap is paired with itself at weight 0.
    const paired = tap + 1 < count;
    const k1 = paired ? weights[at + tap + 1]! : 0;
    const from1 = paired ? from0 + stride : from0;
    for (let i = 0; i < stride; i++) {
      sums[i] = sums[i]! + Math.imul(input[from0 + i]!, k0) + Math.imul(input[from1 + i]!, k1);
    }
  }
  for (let i = 0; i < stride; i++) output[to + i] = sums[i]! >> PRECISION_BITS;
};

const rows: readonly (Row | undefined)[] = [undefined, rowOf1, rowOf2, rowOf3, rowOf4];
