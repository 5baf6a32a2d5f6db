import { registerWebgpuKernels } from "@csl/engine";
import { partialLoss, selective } from "@csl/partial-loss";
import { useNullGpu } from "@csl/test-support/null-gpu";
import { createTResNet, type TResNetShape } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { createAdam } from "./optimizer/adam.js";
import { createEma } from "./optimizer/ema.js";
import { trainStep } from "./step/train-step.js";

const numClasses = 80;

/**
 * The layers of TResNet-M at half its width: Dawn's device without a GPU has 512 MiB, and the weights, moments and averages of
 * the whole have 590 with their gradients. Narrow filters have fewer tiles, so more of their gradients need a second pass; Adam
 * over four times the weights takes about 12 dispatches more.
 */
const halfOfM: TResNetShape = {
  layers: [3, 4, 11, 3],
  width: 0.5,
  blocks: ["basic", "basic", "bottleneck", "bottleneck"],
};

/** A step of TResNet-M is to need at most 700; see above for the difference. */
const budget = 700;

test("a training step of TResNet-M on webgpu stays within its budget of dispatches", async () => {
  const counts = await useNullGpu();
  registerWebgpuKernels();
  const total = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const model = createTResNet({ variant: halfOfM, numClasses });
  const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
  const ema = createEma(model);
  const unannotated = selective({ topK: 5, prior: new Float32Array(numClasses).fill(0.3) });
  const loss = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar => partialLoss(x, y, { unannotated });
  const [size, side] = [8, 96];
  const batch = {
    images: new Float32Array(size * side * side * 3),
    labels: Float32Array.from({ length: size * numClasses }, (_, i) => (i % 3) - 1),
    size,
    height: side,
    width: side,
  };
  const steps: number[] = [];
  for (let step = 0; step < 3; step++) {
    const before = total();
    await trainStep({ model, loss, adam, ema, numClasses }, [batch], { lr: 1e-3, beta1: 0.9 });
    steps.push(total() - before);
  }
  console.log(`dispatches of three steps: ${steps.join(", ")}`);
  expect(Math.max(...steps)).toBeLessThanOrEqual(budget);
  expect(counts.get("CslAbn moments")).toBe(3 * 60);
  expect(counts.get("CslRunningUpdate")).toBeLessThanOrEqual(3 * 2);
  expect(tf.getBackend()).toBe("webgpu");
});
