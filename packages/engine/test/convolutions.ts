import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";

// Sums of up to some thousand products of numbers around 1, in float32 and in another order than the cpu backend's.
const tolerance = { atol: 2e-4, rtol: 2e-5 };

export interface Case {
  x: [number, number, number, number];
  filter: [number, number, number, number];
  strides?: number | [number, number];
  pad?: "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];
}

export const convolutions: Case[] = [
  { x: [2, 8, 8, 16], filter: [3, 3, 16, 16] },
  { x: [1, 7, 9, 5], filter: [3, 3, 5, 3] },
  { x: [3, 5, 4, 1], filter: [1, 1, 1, 1] },
  { x: [2, 6, 6, 70], filter: [1, 1, 70, 81] },
  { x: [2, 9, 8, 3], filter: [7, 5, 3, 10], strides: 2 },
  { x: [2, 8, 8, 4], filter: [3, 3, 4, 8], strides: [2, 1], pad: "valid" },
  { x: [1, 10, 10, 6], filter: [2, 2, 6, 12], strides: 3, pad: 1 },
  {
    x: [2, 6, 7, 9],
    filter: [3, 3, 9, 17],
    pad: [
      [0, 0],
      [2, 0],
      [1, 1],
      [0, 0],
    ],
  },
  { x: [2, 2, 2, 130], filter: [3, 3, 130, 72] },
  { x: [1, 3, 3, 2], filter: [3, 3, 2, 2], pad: "valid" },
];

const depthwise: Case[] = [
  { x: [2, 8, 8, 16], filter: [3, 3, 16, 1], strides: 2 },
  { x: [2, 7, 5, 3], filter: [3, 3, 3, 1], pad: "valid" },
  { x: [1, 9, 9, 7], filter: [2, 3, 7, 1], pad: 1, strides: 2 },
  { x: [1, 6, 6, 2], filter: [3, 3, 2, 3] }, // channel multiplier 3: the cpu backend's kernel
];

/** Forward value and both gradients on a backend; the upstream gradient is fixed random numbers. */
export async function convolutionResults(
  backend: string,
  op: typeof tf.conv2d | typeof tf.depthwiseConv2d,
  { x, filter, strides = 1, pad = "same" }: Case,
): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const apply = (a: tf.Tensor4D, f: tf.Tensor4D): tf.Tensor4D => op(a, f, strides, pad) as tf.Tensor4D;
  const inputs = [
    tf.randomUniform(x, -1, 1, "float32", 1),
    tf.randomUniform(filter, -1, 1, "float32", 2),
  ] as [tf.Tensor4D, tf.Tensor4D];
  const out = apply(...inputs);
  const dy = tf.randomUniform(out.shape, -1, 1, "float32", 3);
  const gradients = tf.grads((a, f) => apply(a as tf.Tensor4D, f as tf.Tensor4D))(inputs, dy);
  const values = await Promise.all([out, ...gradients].map((tensor) => tensor.data<"float32">()));
  tf.dispose([...inputs, out, dy, ...gradients]);
  return values;
}

/** The tests of convolutions and their gradients on a backend, within a `describe` that has started it. */
export function testConvolutions(backend: string): void {
  for (const [op, cases] of [
    [tf.conv2d, convolutions],
    [tf.depthwiseConv2d, depthwise],
  ] as const) {
    it.each(cases)(`${op === tf.conv2d ? "conv2d" : "depthwiseConv2d"} %j`, async (shape) => {
      const expected = await convolutionResults("cpu", op, shape);
      const actual = await convolutionResults(backend, op, shape);
      for (const [i, values] of expected.entries()) expectAllClose(actual[i]!, values, tolerance);
    });
  }

  it("leave no data behind", async () => {
    await convolutionResults(backend, tf.conv2d, convolutions[0]!);
    await tf.setBackend(backend);
    const before = tf.backend().numDataIds();
    for (const shape of convolutions) await convolutionResults(backend, tf.conv2d, shape);
    for (const shape of depthwise) await convolutionResults(backend, tf.depthwiseConv2d, shape);
    expect(tf.backend().numDataIds()).toBe(before);
  });
}
