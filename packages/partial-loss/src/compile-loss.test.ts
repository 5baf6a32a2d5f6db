import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { useBackend } from "../test/backends.js";
import { compileLoss, partialLoss } from "./partial-loss.js";
import { selective } from "./policies/selective.js";

const options = { unannotated: selective({ topK: 1 }), reduction: "mean" as const };
const labels = [
  [1, 0, -1],
  [-1, -1, 0],
];

describe.each(["cpu", "wasm"])("LayersModel.compile on %s", (backend) => {
  test.each([
    ["compileLoss", compileLoss(options)],
    ["an arrow", (y: tf.Tensor, logits: tf.Tensor) => partialLoss(logits, y, options)],
  ])("with %s: fit goes one step down the analytic gradient", async (_name, loss) => {
    await useBackend(backend);
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [2], useBias: false, kernelInitializer: "zeros" })],
    });
    model.compile({ optimizer: tf.train.sgd(1), loss });
    const [x, y] = [tf.eye(2), tf.tensor2d(labels)];
    // The weights are zero and x is the identity: logits 0, and a step of minus their gradient.
    const step = tf.tidy(() =>
      tf.neg(tf.grad((z) => partialLoss(z, y, options))(tf.zeros([2, 3]))).dataSync(),
    );
    const before = tf.tidy(() => partialLoss(tf.zeros([2, 3]), y, options).dataSync()[0]!);
    const { history } = await model.fit(x, y, { epochs: 1, batchSize: 2, shuffle: false });
    expectAllClose(history.loss as number[], [before], { rtol: 1e-6 });
    expectAllClose(model.getWeights()[0]!.dataSync(), step, { rtol: 1e-6 });
    expect(step.some((value) => value !== 0)).toBe(true);
  });
});
