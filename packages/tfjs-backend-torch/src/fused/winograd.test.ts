import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Case,
  convolutionSums,
  filterGradientSums,
  others,
  type Sums,
} from "../../test/direct-convolution.js";
import { named, numbers, on } from "../../test/run-kernel.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";
import type { TorchBackend } from "../torch-backend.js";

/** The edges of what binding/winograd.cc takes, and one step beyond; tiles are 4 x 4, and 24 of them are wanted. */
const edges: Case[] = [
  { images: 24, height: 2, width: 4, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // half-empty tiles
  { images: 24, height: 1, width: 8, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // emptier: the plain way
  { images: 23, height: 4, width: 4, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // too few: the plain way
  { images: 24, height: 4, width: 4, inputs: 48, outputs: 32, pad: 1, threads: 64 }, // more threads than tiles
  { images: 6, height: 5, width: 7, inputs: 32, outputs: 32, pad: 2, threads: 2 }, // more padding than "same"
  { images: 1, height: 18, width: 27, inputs: 32, outputs: 32, pad: 0, threads: 3 },
  { images: 5, height: 9, width: 9, inputs: 160, outputs: 192, pad: 1, threads: 7 }, // a filter beyond the second cache
  { images: 4, height: 11, width: 10, inputs: 40, outputs: 36, pad: 1, threads: 2 }, // channels that do not fit
];

/** The largest error, in units of float32's rounding (2^-24) of the largest sum of absolute values. */
function roundings(actual: Float32Array, { values, sizes }: Sums): number {
  expect(actual.length).toBe(values.length);
  const error = values.reduce((most, value, i) => Math.max(most, Math.abs(actual[i]! - value)), 0);
  return error / (2 ** -24 * sizes.reduce((most, size) => Math.max(most, size), 0));
}

describe.skipIf(withoutTorch)(`convolutions by tiles on ${onTorch}`, () => {
  let backend: TorchBackend;
  beforeAll(async () => {
    backend = await useTorch();
  }, compileTime);
  afterAll(() => backend?.binding.setThreads(1));

  test.each([...edges, ...others])("%j: within rounding of sums in double", async (shape) => {
    const { images, height, width, inputs, outputs, pad, threads } = shape;
    backend.binding.setThreads(threads);
    const [xShape, filterShape] = [
      [images, height, width, inputs],
      [3, 3, inputs, outputs],
    ];
    const dyShape = [images, height + 2 * pad - 2, width + 2 * pad - 2, outputs];
    const attrs = { strides: 1, pad, dataFormat: "NHWC", dilations: 1 };
    const [x, filter, dy, turned, y, dx, dw] = (await on("torch", () => {
      const [x, filter, dy] = [numbers(xShape, 1), numbers(filterShape, 2), numbers(dyShape, 3)];
      return [
        ...[x, filter, dy, tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2])],
        ...named("Conv2D", { x, filter }, attrs),
        ...named("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: xShape }),
        ...named("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape }),
      ];
    })) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    // Measured here: at most 2.3 by tiles and 0.3 the plain way; the filter's gradient, whose long sums of like tiles
    // err to one side, 11 and 0.5.
    expect(roundings(y, convolutionSums(x, xShape, filter, pad))).toBeLessThan(4);
    expect(roundings(dx, convolutionSums(dy, dyShape, turned, 2 - pad))).toBeLessThan(4);
    expect(roundings(dw, filterGradientSums(x, xShape, dy, { pad }))).toBeLessThan(20);
  });

  test("what is not a number reaches its window's results, and none further than a tile away", async () => {
    const side = 24;
    const [y] = await on("torch", () => {
      const x = tf.where(
        tf.equal(tf.range(0, side * side, 1, "int32").reshape([1, side, side, 1]), 9 * side + 9),
        tf.scalar(Number.NaN),
        numbers([1, side, side, 32], 1),
      );
      const attrs = { strides: 1, pad: "same", dataFormat: "NHWC", dilations: 1 };
      return named("Conv2D", { x, filter: numbers([3, 3, 32, 32], 2) }, attrs);
    });
    const isNumber = (row: number, column: number): boolean =>
      y!.subarray((row * side + column) * 32, (row * side + column + 1) * 32).every(Number.isFinite);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const away = Math.max(Math.abs(row - 9), Math.abs(column - 9));
        if (away <= 1) expect(isNumber(row, column)).toBe(false);
        if (away > 4) expect(isNumber(row, column)).toBe(true);
      }
    }
  });
});
