import { PRECISION_BITS, type ResampleTable } from "./resample-table.js";

/**
 * One pass of the resize as it is defined: each output sample is the sum of its taps times their 22-bit weights, rounded
 * and clipped to 8 bits. The kernels are checked against it, and it runs where there are none.
 *
 * The axis that is resized has `table.first.length` outputs, `step` samples apart in `input` and output alike; what
 * lies before it (rows, for the horizontal pass) is `outer` blocks, what lies within one step is `step` samples.
 */
function resamplePass(
  input: Uint8Array,
  { outer, length, step }: { outer: number; length: number; step: number },
  { first, count, weights, stride }: ResampleTable,
): Uint8Array {
  const outputs = first.length;
  // Clamped, because bicubic's negative lobes leave 0..255; the stored value is an integer already.
  const output = new Uint8ClampedArray(outer * outputs * step);
  for (let block = 0, to = 0; block < outer; block++) {
    for (let o = 0; o < outputs; o++) {
      const from = (block * length + first[o]!) * step;
      for (let i = 0; i < step; i++, to++) {
        let sum = 1 << (PRECISION_BITS - 1);
        for (let tap = 0; tap < count[o]!; tap++)
          sum = (sum + Math.imul(input[from + tap * step + i]!, weights[o * stride + tap]!)) | 0;
        output[to] = sum >> PRECISION_BITS;
      }
    }
  }
  return new Uint8Array(output.buffer);
}

/** The horizontal pass: [height, width, 3] → [height, table.first.length, 3]. */
export function resampleRows(
  input: Uint8Array,
  width: number,
  height: number,
  table: ResampleTable,
): Uint8Array {
  return resamplePass(input, { outer: height, length: width, step: 3 }, table);
}

/** The vertical pass: [height, width, 3] → [table.first.length, width, 3]. */
export function resampleColumns(input: Uint8Array, width: number, table: ResampleTable): Uint8Array {
  const length = input.length / (width * 3);
  return resamplePass(input, { outer: 1, length, step: width * 3 }, table);
}
