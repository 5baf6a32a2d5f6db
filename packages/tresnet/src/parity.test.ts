import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startEngine } from "@csl/engine";
import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { type ParityBias, parityStateDict, parityUniform } from "../test/parity-weights.js";
import type { TResNetHead } from "./head-plan.js";
import type { TResNetShape, TResNetVariant } from "./shape.js";
import { stateDictShapes } from "./state-dict-shapes.js";
import { createTResNet, type TResNet } from "./tresnet.js";

interface Samples {
  norm: number;
  at: number[];
}

interface ParityCase {
  variant: TResNetVariant | "tiny";
  head: TResNetHead;
  bias: ParityBias;
  images: number;
  eval: number[];
  train: number[];
  loss: number;
  gradients: Record<string, Samples & { max: number }>;
  statistics: Record<string, Samples>;
}

interface Fixture {
  input: { batch: number; height: number; width: number; classes: number };
  tiny: TResNetShape;
  cases: ParityCase[];
}

/** Written by tooling/reference/tresnet.py: PyTorch in float64. */
const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/parity.json"), "utf8"),
) as Fixture;
const { batch, height, width, classes } = fixture.input;

const tolerance = 1e-4;

function build({ variant, head, bias }: ParityCase): TResNet {
  const options = { variant: variant === "tiny" ? fixture.tiny : variant, numClasses: classes, head };
  const model = createTResNet(options);
  model.loadStateDict(parityStateDict(stateDictShapes(options), { bias }));
  return model;
}

function makeImages({ images }: ParityCase): tf.Tensor4D {
  const values = parityUniform(`images${images}`, batch * height * width * 3).map((u) => (u + 1) / 2);
  return tf.tensor4d(values, [batch, height, width, 3]);
}

/** Σ softplus(logit) · weight: another smooth gradient for every logit. */
function lossOf(logits: tf.Tensor2D): tf.Scalar {
  const weights = tf.tensor2d(parityUniform("loss", batch * classes), [batch, classes]);
  return tf.sum(tf.mul(tf.softplus(logits), weights));
}

/** Entries at the fixture's positions, which count through PyTorch's order. */
function sample(data: Float32Array, count: number): number[] {
  return Array.from({ length: count }, (_, i) => data[Math.floor((i * (data.length - 1)) / (count - 1))]!);
}

const norm = (data: Float32Array): number => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0));

describe.each([
  ["wasm", ["m linear", "l linear", "xl linear", "l-v2 bottleneck", "tiny linear"]],
  ["cpu", ["tiny linear"]],
] as const)("parity with PyTorch on %s", (backend, names) => {
  beforeAll(async () => {
    await startEngine({ prefer: backend });
  });

  test.each(names)("%s", async (name) => {
    const expected = fixture.cases.find(({ variant, head }) => `${variant} ${head}` === name)!;
    await expectNoLeak(async () => {
      const model = build(expected);
      const input = makeImages(expected);
      const evaluated = model.forward(input);
      expectAllClose(await evaluated.data(), expected.eval, { atol: tolerance, rtol: tolerance });
      const folded = model.foldBatchNorm();
      const foldedLogits = folded.forward(input);
      expectAllClose(await foldedLogits.data(), expected.eval, { atol: tolerance, rtol: tolerance });
      tf.dispose([evaluated, foldedLogits]);
      folded.dispose();

      let logits: tf.Tensor2D | undefined;
      const { value, grads } = tf.variableGrads(() => {
        logits = tf.keep(model.forward(input, { training: true }));
        return lossOf(logits);
      }, [...model.parameters().values()]);
      expectAllClose(await logits!.data(), expected.train, { atol: tolerance, rtol: tolerance });
      expectAllClose(await value.data(), [expected.loss], { rtol: tolerance });
      await compareGradients(model, grads, expected);
      await compareStatistics(model, expected);
      tf.dispose([value, logits!, input, ...Object.values(grads)]);
      model.dispose();
    });
  });
});

async function compareGradients(
  model: TResNet,
  grads: tf.NamedTensorMap,
  { gradients }: ParityCase,
): Promise<void> {
  // The gradients go through the model's own layout conversion by standing in for its weights.
  const { variant, numClasses, head } = model.config;
  const shapes = stateDictShapes({ variant, numClasses, head });
  for (const [key, { norm: expectedNorm, max, at }] of Object.entries(gradients)) {
    const gradient = grads[model.parameters().get(key)!.name]!;
    const shape = shapes.get(key)!;
    const torch = shape.length === 4 ? tf.transpose(gradient, [3, 2, 0, 1]) : tf.transpose(gradient);
    const data = (await torch.data()) as Float32Array;
    torch.dispose();
    try {
      expectAllClose([norm(data)], [expectedNorm], { rtol: tolerance });
      expectAllClose(sample(data, at.length), at, { atol: tolerance * max, rtol: tolerance });
    } catch (error) {
      throw new Error(`gradient of ${key}: ${(error as Error).message}`);
    }
  }
}

async function compareStatistics(model: TResNet, { statistics }: ParityCase): Promise<void> {
  const state = await model.stateDict();
  expect(state.get("body.conv1.1.num_batches_tracked")!.data[0]).toBe(1);
  for (const [key, { norm: expectedNorm, at }] of Object.entries(statistics)) {
    const { data } = state.get(key)!;
    expectAllClose([norm(data)], [expectedNorm], { rtol: tolerance });
    expectAllClose(sample(data, at.length), at, { atol: tolerance, rtol: tolerance });
  }
}
