import { startEngine } from "@csl/engine";
import { partialLoss, selective } from "@csl/partial-loss";
import { expectAllClose } from "@csl/test-support";
import { hasSoftwareGpu, noSoftwareGpu, useSoftwareGpu } from "@csl/test-support/software-gpu";
import { createTResNet } from "@csl/tresnet";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "./optimizer/adam.js";
import { createEma } from "./optimizer/ema.js";
import { trainStep } from "./step/train-step.js";

if (!hasSoftwareGpu) console.log(`training on webgpu: ${noSoftwareGpu}`);

const numClasses = 6;
const size = 4;
const side = 32;

/** Numbers in [0, 1) without order. */
const noise = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (Math.sin((i + 1) * (12.9898 + seed)) * 43758.5453) % 1).map(
    Math.abs,
  );

const batchOf = (step: number) => ({
  images: noise(size * side * side * 3, step),
  labels: noise(size * numClasses, step + 100).map((x) => Math.floor(x * 3) - 1),
  size,
  height: side,
  width: side,
});

interface Trained {
  losses: number[];
  norms: number[];
  weights: Float32Array[];
}

/** Some steps of a small TResNet on a backend: every kind of layer, clipping, a moving average. */
async function train(backend: string): Promise<Trained> {
  await tf.setBackend(backend);
  const variant = {
    layers: [1, 1, 1, 1],
    width: 0.25,
    blocks: ["basic", "basic", "bottleneck", "bottleneck"],
  } satisfies Parameters<typeof createTResNet>[0]["variant"];
  const model = createTResNet({ variant, numClasses });
  const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
  const ema = createEma(model, { decay: 0.9 });
  const unannotated = selective({ topK: 1, prior: [0.1, 0.9, 0.2, 0.3, 0.6, 0.1] });
  const loss = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar =>
    partialLoss(x, y, { unannotated, clip: 0.05, gamma: { negative: 4 } });
  const trained: Trained = { losses: [], norms: [], weights: [] };
  const alive: [number, number][] = [];
  for (let step = 0; step < 4; step++) {
    const learner = { model, loss, adam, ema, numClasses };
    const taken = await trainStep(
      learner,
      [batchOf(step)],
      { lr: 1e-3, beta1: 0.9 },
      step === 2 ? { clipGradNorm: 1 } : {},
    );
    trained.losses.push(taken.loss);
    trained.norms.push(taken.gradientNorm);
    alive.push([tf.memory().numTensors, tf.memory().numDataBuffers]);
  }
  expect(alive.at(-1)).toEqual(alive[1]); // nothing is left behind
  for (const [, average] of ema.averages) trained.weights.push(await average.data<"float32">());
  ema.dispose();
  adam.dispose();
  model.dispose();
  return trained;
}

const lengthOf = (lists: Float32Array[]): number =>
  Math.sqrt(lists.flatMap((list) => [...list]).reduce((sum, x) => sum + x * x, 0));

describe.skipIf(!hasSoftwareGpu)("training on webgpu", () => {
  beforeAll(async () => {
    useSoftwareGpu();
    await startEngine({ prefer: "wasm", threads: 2 });
    await startEngine({ prefer: "webgpu" });
  });

  test("equals that on wasm", async () => {
    const expected = await train("wasm");
    const before = tf.memory().numDataBuffers;
    const actual = await train("webgpu");
    expect(tf.memory().numDataBuffers).toBe(before);
    expectAllClose(actual.losses, expected.losses, { rtol: 1e-5 });
    expectAllClose(actual.norms, expected.norms, { rtol: 1e-4 });
    // All together: Adam divides a gradient by its own size, so that one that is nothing but rounding moves a weight either way.
    const apart = expected.weights.map((weights, i) =>
      weights.map((value, n) => value - actual.weights[i]![n]!),
    );
    expect(lengthOf(apart)).toBeLessThanOrEqual(1e-5 * lengthOf(expected.weights));
  });
});
