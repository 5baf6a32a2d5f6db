import { startEngine } from "@csl/engine";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";

import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerKernels } from "../kernels/register-kernels.js";
import { createTResNet } from "../tresnet.js";

if (!hasSoftwareGpu) console.log(`ML-Decoder on webgpu: ${noSoftwareGpu}`);

/** Pixels in [0, 1] without order. */
const pixels = Float32Array.from({ length: 2 * 64 * 64 * 3 }, (_, i) =>
  Math.abs((Math.sin((i + 1) * 12.9898) * 43758.5453) % 1),
);

/** Logits in inference, and a training step's loss and gradients, dropout included. */
async function numbersOn(backend: string): Promise<Map<string, Float32Array>> {
  await tf.setBackend(backend);
  registerKernels(backend);
  const model = createTResNet({
    variant: { layers: [1, 1, 1, 1], width: 0.125, blocks: ["basic", "basic", "basic", "basic"] },
    numClasses: 7,
    head: "ml-decoder",
    decoder: { embedding: 16, groups: 3 },
    seed: 1,
  });
  const images = tf.tensor4d(pixels, [2, 64, 64, 3]);
  const logits = model.forward(images);
  const { value, grads } = tf.variableGrads(
    () => tf.sum(tf.square(model.forward(images, { training: true }))) as tf.Scalar,
    [...model.parameters().values()],
  );
  const tensors = new Map<string, tf.Tensor>([
    ["logits", logits],
    ["loss", value],
    ...[...model.parameters()].map(([key, { name }]) => [key, grads[name]!] as const),
  ]);
  const numbers = new Map<string, Float32Array>();
  for (const [key, tensor] of tensors) numbers.set(key, (await tensor.data<"float32">()).slice());
  model.dispose();
  tf.dispose([images, ...tensors.values()]);
  return numbers;
}

const length = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.skipIf(!hasSoftwareGpu)("ML-Decoder on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "webgpu" });
  });
  afterAll(() => tf.setBackend("cpu"));

  // SwiftShader compiles some hundred shaders.
  test("logits, loss and every gradient as on cpu, and nothing is left", { timeout: 300_000 }, async () => {
    const expected = await numbersOn("cpu");
    const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
    const actual = await numbersOn("webgpu");
    expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
    for (const [key, values] of actual) {
      const exact = expected.get(key)!;
      const error = length(values.map((value, i) => value - exact[i]!));
      expect(error / (length(exact) + 1e-6), key).toBeLessThan(2e-4);
    }
  });
});
