import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../../test/agreement-data.js";
import {
  type Case,
  convolutionSums,
  filterGradientSums,
  others,
  type Sums,
} from "../../test/direct-convolution.js";
import { halved, named, on } from "../../test/run-kernel.js";
import { compileTime, multipliesHalves, onTorch, useTorch, withoutReduced } from "../../test/use-torch.js";
import type { TorchBackend } from "../torch-backend.js";

/** The edges of what binding/fused-winograd.cc takes in bfloat16, and one step beyond; tiles are 2 x 2, 24 are wanted. */
const edges: Case[] = [
  { images: 24, height: 1, width: 2, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // half-empty tiles
  { images: 24, height: 1, width: 1, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // emptier: the plain way
  { images: 23, height: 2, width: 2, inputs: 32, outputs: 32, pad: 1, threads: 1 }, // too few: the plain way
  { images: 25, height: 2, width: 2, inputs: 64, outputs: 32, pad: 1, threads: 64 }, // more threads than groups of tiles
  { images: 6, height: 5, width: 7, inputs: 32, outputs: 32, pad: 2, threads: 2 }, // more padding than "same"
  { images: 1, height: 13, width: 15, inputs: 48, outputs: 32, pad: 1, threads: 3 }, // only the filter's gradient fits
  { images: 1, height: 9, width: 12, inputs: 32, outputs: 48, pad: 0, threads: 2 }, // nothing does
  { images: 2, height: 37, width: 34, inputs: 32, outputs: 32, pad: 0, threads: 1 }, // several blocks of tiles
  { images: 5, height: 9, width: 9, inputs: 160, outputs: 192, pad: 1, threads: 7 },
];

/** Whether a product of these channels, over results of this size, goes by tiles. */
function fits(images: number, height: number, width: number, inputs: number, outputs: number): boolean {
  const tiles = images * Math.ceil(height / 2) * Math.ceil(width / 2);
  const enough = tiles >= 24 && images * height * width >= 2 * tiles;
  return multipliesHalves && enough && inputs >= 32 && inputs % 16 === 0 && outputs % 32 === 0;
}

/**
 * Errors in bfloat16's roundings (2^-8) of what sums of such products come to at random, the root of their squares: the root
 * of the mean square, and the largest.
 *
 * Rounding a number at random errs by e = 0.4 of that, between 1/√7 (evenly spread) and 0.42 (a sum of many). A sum of
 * products with one factor rounded errs by e. F(2x2, 3x3) rounds both factors at its points. In squares per channel, those of
 * the data and the filter as 1: Bᵀ has two ±1 in a row, so a point of the data is 4; rows of G have squares 1, ¾, ¾, 1, and a
 * row of Aᵀ adds three points, so the filter's nine are (1 + ¾ + ¾)² = 6¼. The error of either factor is 4 · 6¼ e² = 25 e²
 * where the plain sum has 9 products: together √(2 · 25 / 9) = 2.36 e. The gradient with respect to the filter comes to the
 * same on average: Gᵀ weighs the points of A dy Aᵀ so that a side's three taps have 2, 1 and 2 for their 2 products, in all
 * √(2 · 4 · (5/3)² / 4) = 2.36 e. What is stored in bfloat16 is rounded again: √(2.36² + 1) = 2.56 e = 1.0, where the
 * plain way, between data that are bfloat16 already, has e or nothing. Of thousands at random the largest is five times that.
 * A single rounding, which is all that the plain way has, errs by half a unit in the last place: of a v from 2^k up to 2^(k+1)
 * by 2^(k-8), at most 2^-8 |v|. So the plain way's largest error is at most the largest |v|, in these units.
 */
function roundings(
  actual: Float32Array,
  { values, squares }: Sums,
): Record<"typical" | "most" | "largest", number> {
  expect(actual.length).toBe(values.length);
  const errors = values.map((value, i) => Math.abs(actual[i]! - value));
  const rootMean = (sum: number): number => Math.sqrt(sum / values.length);
  const unit = 2 ** -8 * rootMean(squares.reduce((sum, square) => sum + square, 0));
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    largest: (largest * 2 ** -8) / unit,
    typical: rootMean(errors.reduce((sum, error) => sum + error ** 2, 0)) / unit,
    most: errors.reduce((most, error) => Math.max(most, error), 0) / unit,
  };
}

/** Tells the ways apart. A fifth more for what half-empty tiles make of the 2.36; a NaN fails. */
function expectRoundings(actual: Float32Array, exact: Sums, tiled: boolean): void {
  const { typical, most, largest } = roundings(actual, exact);
  if (tiled) expect(typical).toBeGreaterThan(0.75);
  expect(typical).toBeLessThan(tiled ? 1.3 : 0.5);
  // A hundredth more for the sums, which are made in float32.
  expect(most).toBeLessThanOrEqual(tiled ? 7 : 1.01 * largest);
}

const attrs = { strides: 1, pad: "same" as "same" | number, dataFormat: "NHWC", dilations: 1 };

/** Numbers at random that are bfloat16. */
const halves = (shape: number[], name: string): Float32Array =>
  halved(uniform(name, tf.util.sizeFromShape(shape)));

describe.skipIf(withoutReduced)(`convolutions by tiles between bfloat16 on ${onTorch}`, () => {
  let backend: TorchBackend;
  beforeAll(async () => {
    backend = await useTorch({ precision: "bf16" });
  }, compileTime);
  afterAll(() => backend?.binding.setThreads(1));

  test.each([...edges, ...others])("%j: as far from sums in double as derived above", async (shape) => {
    const { images, height, width, inputs, outputs, pad, threads } = shape;
    backend.binding.setThreads(threads);
    const [down, across] = [height + 2 * pad - 2, width + 2 * pad - 2];
    const [xShape, dyShape] = [
      [images, height, width, inputs],
      [images, down, across, outputs],
    ];
    const filterShape = [3, 3, inputs, outputs];
    const [x, filter, dy] = [halves(xShape, "x"), halves(filterShape, "filter"), halves(dyShape, "dy")];
    const [y, dx, dw, turned] = (await on("torch", () => {
      const tensors = {
        x: tf.tensor(x, xShape),
        filter: tf.tensor(filter, filterShape),
        dy: tf.tensor(dy, dyShape),
      };
      return [
        ...named("Conv2D", tensors, { ...attrs, pad }),
        ...named("Conv2DBackpropInput", tensors, { ...attrs, pad, inputShape: xShape }),
        ...named("Conv2DBackpropFilter", tensors, { ...attrs, pad, filterShape }),
        tf.transpose(tf.reverse(tensors.filter, [0, 1]), [0, 1, 3, 2]),
      ];
    })) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const toFilter = fits(images, down, across, inputs, outputs);
    const backward = fits(images, height, width, outputs, inputs);
    expectRoundings(y, convolutionSums(x, xShape, filter, pad), toFilter && inputs % 32 === 0);
    expectRoundings(dx, convolutionSums(dy, dyShape, turned, 2 - pad), backward && outputs % 32 === 0);
    expectRoundings(dw, filterGradientSums(x, xShape, dy, { pad }), toFilter);
  });

  test("the filter's gradient over more tiles than the third cache takes at once", async () => {
    const [times, shape] = [160, [1, 21, 20, 32]];
    backend.binding.setThreads(2);
    const [x, dy] = [halves(shape, "x"), halves(shape, "dy")];
    const [dw] = await on("torch", () => {
      const [many, upstream] = [x, dy].map((values) => tf.tile(tf.tensor(values, shape), [times, 1, 1, 1]));
      const tensors = { x: many!, dy: upstream! };
      return named("Conv2DBackpropFilter", tensors, { ...attrs, filterShape: [3, 3, 32, 32] });
    });
    // Like images err alike.
    expectRoundings(
      dw!.map((sum) => sum / times),
      filterGradientSums(x, shape, dy, { pad: 1 }),
      multipliesHalves,
    );
  });

  test.each([
    ["linear", 1],
    ["relu", 0],
    ["leakyrelu", 0.25],
  ])("bias and %s", async (activation, slope) => {
    const [xShape, filterShape] = [
      [2, 11, 11, 32],
      [3, 3, 32, 64],
    ];
    const [x, filter, bias] = [halves(xShape, "x"), halves(filterShape, "filter"), halves([64], "bias")];
    const [y] = await on("torch", () => {
      const tensors = {
        x: tf.tensor(x, xShape),
        filter: tf.tensor(filter, filterShape),
        bias: tf.tensor(bias),
      };
      return named("FusedConv2D", tensors, { ...attrs, activation, leakyreluAlpha: slope });
    });
    const exact = convolutionSums(x, xShape, filter, 1);
    for (const [i, value] of exact.values.entries()) {
      const shifted = value + bias[i % 64]!;
      exact.values[i] = shifted > 0 ? shifted : slope * shifted;
    }
    const { typical, most } = roundings(y!, exact);
    // Where the slope is 0 there is no error: half of the results.
    expect(typical).toBeLessThan(1.3);
    expect(typical).toBeGreaterThan(multipliesHalves ? 0.6 : 0.2);
    expect(most).toBeLessThan(7);
  });

  test.each([Number.NaN, Infinity, -Infinity])(
    "%d reaches the results of its window, no others",
    async (value) => {
      const side = 12;
      for (const [row, column] of [
        [6, 6],
        [6, 7],
        [7, 7],
        [0, 11],
      ] as const) {
        const x = halves([side, side, 32], "x");
        x[(row * side + column) * 32 + 5] = value;
        const [y] = await on("torch", () => {
          const filter = tf.tensor(halves([3, 3, 32, 32], "filter"), [3, 3, 32, 32]);
          return named("Conv2D", { x: tf.tensor(x, [1, side, side, 32]), filter }, attrs);
        });
        for (let i = 0; i < y!.length; i++) {
          const [down, across] = [Math.floor(i / 32 / side) - row, (Math.floor(i / 32) % side) - column];
          expect(Number.isFinite(y![i]), `${down}, ${across}`).toBe(
            Math.max(Math.abs(down), Math.abs(across)) > 1,
          );
        }
      }
    },
  );
});
