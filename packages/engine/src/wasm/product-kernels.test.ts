import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { startEngine } from "../start-engine.js";

const tolerance = { atol: 1e-4, rtol: 1e-5 };
const random = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, "float32", seed);

async function both(compute: () => tf.Tensor): Promise<void> {
  const results: Float32Array[] = [];
  for (const backend of ["wasm", "cpu"]) {
    await tf.setBackend(backend);
    const out = tf.tidy(compute);
    results.push(out.dataSync() as Float32Array);
    out.dispose();
  }
  expectAllClose(results[0]!, results[1]!, tolerance);
}

describe("products against the cpu backend", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "wasm", threads: 2 });
  });

  it.each([
    { a: [3, 5], b: [5, 7] },
    { a: [33, 70], b: [70, 80] },
    { a: [5, 33], b: [5, 9], transposeA: true },
    { a: [300, 70], b: [300, 81], transposeA: true },
    { a: [6, 40], b: [19, 40], transposeB: true },
    { a: [6, 5], b: [7, 6], transposeA: true, transposeB: true },
    { a: [2, 4, 5], b: [2, 5, 3] },
    { a: [1, 4, 5], b: [5, 3] },
    { a: [0, 5], b: [5, 3] },
  ])("matMul %j", ({ a, b, transposeA = false, transposeB = false }) =>
    both(() => tf.matMul(random(a, 1), random(b, 2), transposeA, transposeB)),
  );

  it.each(["linear", "relu", "leakyrelu", "relu6", "sigmoid"] as const)("fused conv2d, %s", (activation) =>
    both(() =>
      tf.fused.conv2d({
        x: random([2, 5, 6, 7], 1) as tf.Tensor4D,
        filter: random([3, 3, 7, 11], 2) as tf.Tensor4D,
        strides: 1,
        pad: "same",
        bias: random([11], 3) as tf.Tensor1D,
        activation,
        leakyreluAlpha: 0.01,
      }),
    ),
  );

  it("fused conv2d without a bias", () =>
    both(() =>
      tf.fused.conv2d({
        x: random([1, 4, 4, 3], 1) as tf.Tensor4D,
        filter: random([1, 1, 3, 8], 2) as tf.Tensor4D,
        strides: 1,
        pad: "valid",
        activation: "relu",
      }),
    ));
});

describe("long sums", () => {
  beforeAll(async () => {
    await startEngine({ prefer: "wasm", threads: 2 });
  });

  // n products in [0, 1] sum to n / 4, and the partial sums grow evenly. Each addition rounds by up to half a unit in the
  // last place, 2^-24, of the sum so far, so adding in a row gives about sqrt(n / 3) / 2 units at the end: 26 for 8192, or
  // 1.6e-6. In blocks of b it is about sqrt(b / 3) / 2 over the root of the number of blocks, and sqrt(n / 3b) / 2.
  const n = 8192;
  const rows = 5;
  const columns = 8;

  it.each<[what: string, compute: (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor]>([
    ["a matrix product", (a, b) => tf.matMul(a, b)],
    ["one with its left side transposed", (a, b) => tf.matMul(tf.transpose(a), b, true)],
    [
      "a convolution",
      (a, b) =>
        tf.conv2d(
          tf.reshape<tf.Rank.R4>(a, [rows, 4, 4, n / 16]),
          tf.reshape<tf.Rank.R4>(b, [4, 4, n / 16, columns]),
          1,
          "valid",
        ),
    ],
  ])("%s of 8192 terms is exact to 4e-7", (_, compute) => {
    const a = tf.randomUniform<tf.Rank.R2>([rows, n], 0, 1, "float32", 1);
    const b = tf.randomUniform<tf.Rank.R2>([n, columns], 0, 1, "float32", 2);
    const [left, right] = [a, b].map((tensor) => tensor.dataSync());
    const found = tf.tidy(() => compute(a, b).dataSync());
    const errors = [...found].map((value, i) => {
      let sum = 0;
      for (let k = 0; k < n; k++)
        sum += left![Math.floor(i / columns) * n + k]! * right![k * columns + (i % columns)]!;
      return value / sum - 1;
    });
    tf.dispose([a, b]);
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(4e-7);
  });
});
