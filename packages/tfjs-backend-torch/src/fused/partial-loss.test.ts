import { ignore, negative, normalized, partialLoss, registerKernels, selective } from "@csl/partial-loss";
import { partialLossBatch, partialLossCases } from "@csl/test-support/partial-loss-cases";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { expectSame, on } from "../../test/run-kernel.js";
import { compileTime, onTorch, useTorch, withoutTorch } from "../../test/use-torch.js";

const cases = partialLossCases({ negative, ignore, normalized, selective });

describe.skipIf(withoutTorch)(`partial loss on ${onTorch}`, () => {
  beforeAll(async () => {
    await useTorch();
    registerKernels("cpu");
  }, compileTime);

  test.each(Object.keys(cases))("%s: loss and gradient as on cpu", async (name) => {
    const run = () => {
      const { logits, labels } = partialLossBatch();
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
