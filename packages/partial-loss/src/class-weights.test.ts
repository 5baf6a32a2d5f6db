import { expectAllClose } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { useBackend } from "../test/backends.js";
import {
  balancedClassWeights,
  ignore,
  type LossOptions,
  negative,
  normalized,
  partialLoss,
  selective,
} from "./index.js";

const logits = [
  [2, -1, 0.5, -3],
  [-2, 3, -0.75, 0.1],
];
const labels = [
  [1, 0, -1, -1],
  [-1, -1, 0, 1],
];

function lossAndGradient(options: LossOptions): [number, number[]] {
  return tf.tidy(() => {
    const loss = tf.valueAndGrad((x: tf.Tensor) => partialLoss(x, tf.tensor2d(labels), options));
    const { value, grad } = loss(tf.tensor2d(logits));
    return [value.dataSync()[0]!, [...grad.dataSync()]];
  });
}

test("binary cross-entropy of one entry per class is weighted by it", async () => {
  await useBackend("cpu", "values");
  const loss = tf.tidy(() =>
    partialLoss(tf.tensor2d([[0, 0]]), tf.tensor2d([[1, 0]]), {
      gamma: { negative: 0 },
      classWeights: [3, 0.5],
    }).dataSync(),
  );
  expectAllClose([loss[0]!], [3.5 * Math.LN2], { rtol: 1e-6 }); // softplus(0) = log 2 each
});

const policies: Record<string, LossOptions> = {
  negative: { unannotated: negative() },
  ignore: { unannotated: ignore(), clip: 0.1, reduction: "annotated-mean" },
  normalized: { unannotated: normalized(), reduction: "mean" },
  selective: { unannotated: selective({ topK: 1, prior: [0.9, 0, 0, 0] }), focusGradient: true },
};

describe.each([
  ["cpu", "values"],
  ["cpu", "composed"],
  ["wasm", "values"],
] as const)("on %s, %s", (backend, form) => {
  // The loss is a sum over classes: a class alone, weighted w, is w times itself.
  test.each(Object.entries(policies))(
    "%s: value and gradient are sums over classes, each times its weight",
    async (_, options) => {
      await useBackend(backend, form);
      const classWeights = [2, 0.25, 0, 5];
      const weighted = lossAndGradient({ ...options, classWeights });
      const alone = classWeights.map((_, c) =>
        lossAndGradient({ ...options, classWeights: classWeights.map((_, i) => +(i === c)) }),
      );
      const sum = classWeights.reduce((total, weight, c) => total + weight * alone[c]![0], 0);
      expectAllClose([weighted[0]], [sum], { rtol: 1e-5 });
      const [, plain] = lossAndGradient(options);
      expectAllClose(
        weighted[1],
        plain.map((g, i) => g * classWeights[i % 4]!),
        { rtol: 1e-5, atol: 1e-7 },
      );
      expect(lossAndGradient({ ...options, classWeights: [1, 1, 1, 1] })).toEqual(lossAndGradient(options));
    },
  );
});

test.each([
  [[1, 2], "classWeights for these 4 classes, got 2 numbers"],
  [[1, 2, Number.NaN, 1], "classWeights to be numbers >= 0, got NaN for class 2"],
  [[1, -1, 1, 1], "got -1 for class 1"],
  [[1, 1, 1, Number.POSITIVE_INFINITY], "got Infinity for class 3"],
])("refuses %j", async (classWeights, message) => {
  await useBackend("cpu", "values");
  expect(() => lossAndGradient({ classWeights })).toThrow(message);
});

test("balanced weights are scikit-learn's: n_samples / (n_classes · count)", () => {
  // compute_class_weight("balanced", classes=[0, 1, 2], y=[0]*6 + [1]*3 + [2]): 10/18, 10/9, 10/3
  expectAllClose([...balancedClassWeights([6, 3, 1])], [10 / 18, 10 / 9, 10 / 3], { rtol: 1e-6 });
  // A class without positives weighs 1, and the others are balanced among themselves.
  expectAllClose([...balancedClassWeights([6, 0, 2])], [8 / 12, 1, 2], { rtol: 1e-6 });
  expect(() => balancedClassWeights([1, 0.5])).toThrow("numbers of positives, got 0.5 for class 1");
});
