import {
  ignore,
  negative,
  normalized,
  partialLoss,
  registerKernels,
  selective,
  type UnannotatedPolicy,
} from "@csl/partial-loss";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSame, on } from "../../test/run-kernel.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";

const [rows, classes] = [7, 300];

/** Logits on a grid, so that many are equal, and labels of all three states. */
const batch = () => {
  const grid = Float32Array.from({ length: rows * classes }, (_, i) => (((i * 7919) % 41) - 20) / 3);
  const states = Float32Array.from({ length: rows * classes }, (_, i) =>
    (i * 104729) % 7 === 0 ? 1 : (i % 5) - 1 > 0 ? -1 : (i % 5) - 1,
  );
  return { logits: tf.tensor2d(grid, [rows, classes]), labels: tf.tensor2d(states, [rows, classes]) };
};
const prior = Float32Array.from({ length: classes }, (_, c) => (c % 9) / 10);
const own: UnannotatedPolicy = { ...ignore(), name: "of your own" };

const cases: Record<string, Parameters<typeof partialLoss>[2]> = {
  negative: { unannotated: negative() },
  ignore: { unannotated: ignore(), reduction: "annotated-mean" },
  "normalized, proportion": { unannotated: normalized() },
  "normalized, reference": { unannotated: normalized({ scheme: "reference" }), reduction: "mean" },
  "selective, batch": { unannotated: selective({ topK: 13, prior }) },
  "selective, batch, a large pool": { unannotated: selective({ topK: 200 }) },
  "selective, sample": {
    unannotated: selective({ topK: 13, topKScope: "sample", prior, spareIgnored: true }),
  },
  "clip, odd gammas": {
    clip: 0.05,
    gamma: { positive: 0.5, negative: 3, unannotated: 9 },
    unannotated: selective(),
  },
  "focus gradient": {
    focusGradient: true,
    clip: 0.1,
    alpha: { positive: 2, negative: 0.5, unannotated: 0.25 },
  },
  "a policy of your own": { unannotated: own },
  "weights of classes": {
    unannotated: selective({ topK: 13, prior }),
    classWeights: Float32Array.from({ length: classes }, (_, c) => (c % 7) / 3),
    reduction: "mean",
  },
};

describe.skipIf(withoutTorch)(`partial loss on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
    registerKernels("cpu");
  }, compileTime);

  test.each(Object.keys(cases))("%s: loss and gradient as on cpu", async (name) => {
    const run = () => {
      const { logits, labels } = batch();
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => partialLoss(x, labels, cases[name]))(logits);
      return [value, grad];
    };
    expectSame(await on("torch", run), await on("cpu", run), { atol: 2e-6, rtol: 2e-6 });
  });

  test("more entries than a sort is used for", async () => {
    const run = () => {
      const size = 70_000;
      const logits = tf.tensor2d(
        Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 4001) / 500 - 4),
        [2, size / 2],
      );
      const options = { unannotated: selective({ topK: 1234 }) };
      return [tf.grad((x: tf.Tensor) => partialLoss(x, tf.fill([2, size / 2], -1), options))(logits)];
    };
    expectSame(await on("torch", run), await on("cpu", run), { atol: 2e-6, rtol: 2e-6 });
  });

  test.each([
    [[0, Number.NaN], [1, 0], "finite logits, got NaN at [0, 1]"],
    [[Number.POSITIVE_INFINITY, 0], [1, 0], "finite logits, got Infinity at [0, 0]"],
    [[0, 0], [1, 0.5], "got 0.5 at [0, 1]"],
  ])("logits %j, labels %j: %s", async (logits, labels, message) => {
    await tf.setBackend("torch");
    expect(() => partialLoss(tf.tensor2d([logits]), tf.tensor2d([labels]))).toThrow(message);
  });
});
