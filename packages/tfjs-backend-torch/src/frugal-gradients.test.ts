import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { freeGradientsEarly } from "./frugal-gradients.js";

// On the cpu backend: it is TensorFlow.js's tape that changes, not a kernel.

const input = (): tf.Tensor1D => tf.tensor1d([0.3, -1.2, 2.5]);

const functions: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "a chain": (x) => tf.sum(tf.exp(tf.sin(tf.mul(x, 3)))),
  "a tensor used three times": (x) => tf.sum(tf.add(tf.mul(x, tf.sin(x)), tf.square(x))),
  "gradients handed through": (x) => tf.sum(tf.add(tf.reshape(tf.cast(tf.clone(x), "float32"), [1, 3]), x)),
  "the same on both sides": (x) => tf.sum(tf.mul(tf.add(x, x), tf.add(x, x))),
  "a gradient of one's own that returns dy twice": (x) =>
    tf.sum(
      tf.customGrad((a, b) => ({
        value: tf.add(a as tf.Tensor, b as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => [dy, dy],
      }))(tf.square(x), tf.sin(x)),
    ),
  "a gradient within": (x) =>
    tf.sum(tf.mul(x, tf.grad((y: tf.Tensor) => tf.sum(tf.pow(y, tf.scalar(3))))(x))),
};

const gradientsOf = (f: (x: tf.Tensor) => tf.Tensor): number[] =>
  tf.tidy(() => [
    ...tf
      .grad((x: tf.Tensor) => f(x))(input())
      .dataSync(),
  ]);
const before: Record<string, number[]> = {};

beforeAll(async () => {
  await tf.setBackend("cpu");
  for (const [name, f] of Object.entries(functions)) before[name] = gradientsOf(f);
  freeGradientsEarly();
  freeGradientsEarly();
});

test.each(Object.keys(functions))("%s: the same numbers, nothing left", (name) => {
  const tensors = tf.memory().numTensors;
  expect(gradientsOf(functions[name]!)).toEqual(before[name]);
  expect(tf.memory().numTensors).toBe(tensors);
});

test("dy stays the caller's, and gradients of tensors within are kept", () => {
  tf.tidy(() => {
    const dy = tf.tensor1d([1, 2, 3]);
    expect([
      ...tf
        .grad((x: tf.Tensor) => tf.square(x))(input(), dy)
        .dataSync(),
    ]).toEqual([0.6, -4.8, 15].map(Math.fround));
    expect(dy.isDisposed).toBe(false);
  });
});

test("a long chain holds a few gradients at a time, not all", () => {
  let most = 0;
  const watched = tf.customGrad((x) => ({
    value: tf.mul(x as tf.Tensor, 1),
    gradFunc: (dy: tf.Tensor) => {
      most = Math.max(most, tf.memory().numTensors);
      return tf.mul(dy, 1);
    },
  }));
  const start = tf.memory().numTensors;
  tf.tidy(() => {
    tf.grad((x: tf.Tensor) => {
      let y = x;
      for (let i = 0; i < 40; i++) y = tf.tidy(() => watched(y));
      return y;
    })(input());
  });
  // Forward: 40 results. Backward: without early freeing another 40.
  expect(most - start).toBeLessThan(55);
});
