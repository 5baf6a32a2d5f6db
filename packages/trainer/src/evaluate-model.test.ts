import { expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { estimatePrior } from "./estimate-prior.js";
import { evaluateModel } from "./evaluate-model.js";
import type { InferableModel } from "./model.js";

beforeAll(() => tf.setBackend("cpu"));

/** An image is one pixel; its three floats are the logits, divided by a power of two so that they are as small as those of images. */
const scale = 64;
const pixelModel: InferableModel = {
  forward: (images) => tf.tidy(() => tf.mul(tf.reshape(images, [-1, 3]), scale) as tf.Tensor2D),
};

function pixels(logits: number[][], labels: number[][] = []) {
  return {
    images: Float32Array.from(logits.flat(), (logit) => logit / scale),
    labels: Int8Array.from(labels.flat()),
    size: logits.length,
    height: 1,
    width: 1,
  };
}

test("logits that a float32 sigmoid would tie keep their order; un-annotated entries do not count", async () => {
  // sigmoid(50) = sigmoid(40) = 1 in float32, and class 1 is ranked below its negative.
  const batches = [
    pixels(
      [
        [50, 1, 0],
        [40, 2, 0],
      ],
      [
        [1, 1, -1],
        [0, 0, -1],
      ],
    ),
    pixels([[60, 0, 0]], [[-1, 0, 1]]),
  ];
  const done: number[] = [];
  await expectNoLeak(async () => {
    const { mapC, images, skipped } = await evaluateModel(pixelModel, batches, {
      onProgress: (n) => done.push(n),
    });
    expect(mapC).toBe(0.75); // class 0: AP 1; class 1: positive at rank 2 of 3, AP 1/2; class 2 has no negative
    expect(images).toBe(3);
    expect(skipped.noNegatives).toBe(1);
  });
  expect(done).toEqual([2, 3]);
});

test("a NaN logit and an empty set are refused", async () => {
  await expectNoLeak(async () => {
    await expect(evaluateModel(pixelModel, [pixels([[Number.NaN, 0, 0]], [[1, 0, 0]])])).rejects.toThrow(
      "NaN",
    );
    await expect(evaluateModel(pixelModel, [])).rejects.toThrow("expected at least one sample");
    await expect(estimatePrior(pixelModel, [], ["a", "b", "c"])).rejects.toThrow(
      "expected at least one sample",
    );
  });
});

test("the prior is the mean of the sigmoids, over batches of any size", async () => {
  const log3 = Math.log(3); // sigmoid 3/4
  const batches = [
    pixels([
      [0, log3, 0],
      [0, log3, 0],
    ]),
    pixels([[0, -log3, 40]]),
  ];
  await expectNoLeak(async () => {
    const prior = await estimatePrior(pixelModel, batches, ["a", "b", "c"]);
    expect(prior.ids).toEqual(["a", "b", "c"]);
    expect(prior.count).toBe(3);
    expect([...prior.values].map((x) => +x.toFixed(6))).toEqual([0.5, 0.583333, 0.666667]); // (3/4 + 3/4 + 1/4) / 3
  });
});

test("an aborted pass stops and closes its batches", async () => {
  let closed = 0;
  async function* endless() {
    try {
      for (;;) yield pixels([[0, 0, 0]], [[1, 0, 0]]);
    } finally {
      closed++;
    }
  }
  const stop = new AbortController();
  const options = { signal: stop.signal, onProgress: () => stop.abort(new Error("enough")) };
  await expect(evaluateModel(pixelModel, endless(), options)).rejects.toThrow("enough");
  await expect(estimatePrior(pixelModel, endless(), ["a", "b", "c"], options)).rejects.toThrow("enough");
  expect(closed).toBe(2);
});
