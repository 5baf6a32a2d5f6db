import { readFileSync } from "node:fs";
import { startEngine } from "@csl/engine";
import { partialLoss } from "@csl/partial-loss";
import { createTResNet, registerKernels, type TResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { batchOf, type Setting, shapeOf, startingWeights } from "../test/agreement-data.js";
import { compileTime, onTorch, useTorch, withoutReduced, withoutTorch } from "../test/use-torch.js";
import { startTorch } from "./start-torch.js";

interface Recorded {
  training: Setting & { lr: number; batches: number; losses: number[] };
  half: Setting & { loss: number; lossError: number; errors: Record<string, number> };
}
const recorded: Recorded = JSON.parse(
  readFileSync(new URL("../fixtures/agreement.json", import.meta.url), "utf8"),
);

async function startedModel(setting: Setting): Promise<TResNet> {
  registerKernels(tf.getBackend());
  const model = createTResNet({ variant: shapeOf(setting), numClasses: setting.classes });
  await model.loadStateDict(startingWeights(setting));
  return model;
}

/** With gammas of 0 the loss is the plain cross-entropy. */
const lossOf = (model: TResNet, images: tf.Tensor4D, labels: tf.Tensor2D): tf.Scalar =>
  partialLoss(model.forward(images, { training: true }), labels, {
    gamma: { positive: 0, negative: 0, unannotated: 0 },
  });

async function lossesOf(backend: string): Promise<number[]> {
  await tf.setBackend(backend);
  const { training } = recorded;
  const model = await startedModel(training);
  const batches = Array.from({ length: training.batches }, (_, i) => batchOf(i, training));
  const adam = tf.train.adam(training.lr, 0.9, 0.999, 1e-8);
  const losses = training.losses.map((_, step) =>
    tf.tidy(() => {
      const { images, labels } = batches[step % batches.length]!;
      return adam.minimize(() => lossOf(model, images, labels), true)!.dataSync()[0]!;
    }),
  );
  adam.dispose();
  model.dispose();
  tf.dispose(batches as unknown as tf.TensorContainer);
  return losses;
}

/** How far the gradient of each parameter lies from another, relative to it. */
function errorsOf(
  gradients: ReadonlyMap<string, Float32Array>,
  exact: ReadonlyMap<string, Float32Array>,
): Map<string, number> {
  const norm = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return new Map(
    [...exact].map(([key, expected]) => {
      const actual = gradients.get(key)!;
      return [key, norm(actual.map((value, i) => value - expected[i]!)) / norm(expected)];
    }),
  );
}

async function gradientsOf(
  setting: Setting,
): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
  const model = await startedModel(setting);
  const { images, labels } = batchOf(0, setting);
  const { value, grads } = tf.variableGrads(
    () => lossOf(model, images, labels),
    [...model.parameters().values()],
  );
  const result = {
    loss: value.dataSync()[0]!,
    gradients: new Map(
      [...model.parameters()].map(([key, { name }]) => [key, grads[name]!.dataSync<"float32">()]),
    ),
  };
  model.dispose();
  tf.dispose([images, labels, value, grads]);
  return result;
}

const worst = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(actual[i]! / value - 1)));

describe.skipIf(withoutTorch)(`agreement of ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
  }, compileTime);

  test("50 steps of Adam in float32: every loss as in PyTorch and on wasm, to 1e-3", async () => {
    const losses = await lossesOf("torch");
    expect(worst(losses, recorded.training.losses)).toBeLessThan(1e-3);
    const wasm = await startEngine({ prefer: "wasm", threads: 1 });
    expect(worst(losses, await lossesOf("wasm"))).toBeLessThan(1e-3);
    wasm.stop();
  }, 60_000);

  test.skipIf(withoutReduced)(
    "bfloat16: no gradient further from float32's than 1.5 times what autocast's is",
    async () => {
      const { half } = recorded;
      await tf.setBackend("torch");
      const exact = await gradientsOf(half);
      expect(Math.abs(exact.loss / half.loss - 1)).toBeLessThan(1e-5);
      tf.removeBackend("torch");
      await startTorch({ threads: 1, precision: "bf16" });
      await tf.setBackend("torch");
      const rounded = await gradientsOf(half);
      expect(Math.abs(rounded.loss / exact.loss - 1)).toBeLessThan(3 * half.lossError);
      // Rounding is random: a single small vector may come out worse or better, a block of the network may not.
      const ratios = [...errorsOf(rounded.gradients, exact.gradients)].map(([key, error]) => ({
        block: /^(body\.layer\d\.\d+|body\.conv1|head)/.exec(key)![0],
        ratio: error / half.errors[key]!,
      }));
      const mean = (list: { ratio: number }[]): number =>
        list.reduce((sum, { ratio }) => sum + ratio, 0) / list.length;
      for (const block of new Set(ratios.map((entry) => entry.block)))
        expect(mean(ratios.filter((entry) => entry.block === block)), block).toBeLessThan(1.5);
      expect(mean(ratios)).toBeLessThan(1.25);
    },
    60_000,
  );
});
