import { createTResNet, registerKernels, type TResNetOptions } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../test/agreement-data.js";
import { compileTime, onTorch, useTorch, withoutReduced, withoutTorch } from "../test/use-torch.js";

const blocks = ["basic", "basic", "basic", "basic"] as const;
const options: TResNetOptions & { seed: number } = {
  variant: { layers: [1, 1, 1, 1], width: 0.125, blocks },
  numClasses: 7,
  head: "ml-decoder",
  decoder: { embedding: 16, groups: 3 },
  seed: 1,
};

/** A training step's loss and gradients, with dropout. */
async function step(backend: string): Promise<Map<string, Float32Array>> {
  await tf.setBackend(backend);
  registerKernels(backend);
  const model = createTResNet(options);
  const pixels = uniform("images", 4 * 64 * 64 * 3).map((value) => (value + 1) / 2);
  const images = tf.tensor4d(pixels, [4, 64, 64, 3]);
  const { value, grads } = tf.variableGrads(
    () => tf.sum(tf.square(model.forward(images, { training: true }))) as tf.Scalar,
    [...model.parameters().values()],
  );
  const result = new Map(
    [...model.parameters()].map(([key, { name }]) => [key, grads[name]!.dataSync<"float32">().slice()]),
  );
  result.set("loss", value.dataSync<"float32">().slice());
  model.dispose();
  tf.dispose([images, value, grads]);
  return result;
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.skipIf(withoutTorch)(`ML-Decoder on ${onTorch}`, () => {
  let expected: Map<string, Float32Array>;
  beforeAll(async () => {
    expected = await step("cpu");
    await useTorch();
  }, compileTime);

  test("float32: loss and every gradient as on cpu, dropout included", async () => {
    for (const [key, values] of await step("torch")) {
      const error = norm(values.map((value, i) => value - expected.get(key)![i]!));
      expect(error / (norm(expected.get(key)!) + 1e-6), key).toBeLessThan(2e-4);
    }
  });

  test.skipIf(withoutReduced)("bfloat16: near float32", async () => {
    tf.removeBackend("torch");
    await useTorch({ precision: "bf16" });
    for (const [key, values] of await step("torch")) {
      if (key !== "loss" && !key.startsWith("head.")) continue;
      const exact = expected.get(key)!;
      const along = exact.reduce((sum, value, i) => sum + value * values[i]!, 0);
      if (norm(exact) > 1e-3) expect(along / norm(exact) / norm(values), key).toBeGreaterThan(0.95);
      if (key === "loss") expect(Math.abs(values[0]! / exact[0]! - 1)).toBeLessThan(0.05);
    }
  });
});
