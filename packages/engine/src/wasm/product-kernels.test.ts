import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
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
