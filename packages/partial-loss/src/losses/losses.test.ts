import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { useBackend, valueAndGradient } from "../../test/backends.js";
import * as csl from "../index.js";

const theta = [
  [3, -0.5, 0.5, -1],
  [0.2, 0.1, 2, -0.3],
];
const soft = [
  [-1, -1, 0.1, 0],
  [-1, -1, -1, -1],
];
type Loss = (x: tf.Tensor, y: tf.Tensor) => tf.Scalar;
/** Every loss of the family; each is differentiable all the way here, so central differences apply. */
const smooth: Record<string, Loss> = {
  assumeNegativeLoss: (x, y) => csl.assumeNegativeLoss(x, y, { labelSmoothing: 0.1 }),
  weakAssumeNegativeLoss: (x, y) => csl.weakAssumeNegativeLoss(x, y),
  expectedPositivesLoss: (x, y) => csl.expectedPositivesLoss(x, y, { expectedPositives: 1.5, weight: 3 }),
  focalLoss: (x, y) => csl.focalLoss(x, y, { gamma: 1.5, alpha: 0.25 }),
  hillLoss: (x, y) => csl.hillLoss(x, y),
  splcLoss: (x, y) => csl.splcLoss(x, y, { correct: false }),
  "splcLoss, correcting": (x, y) => csl.splcLoss(x, y),
  entropyMaximizationLoss: (x, y) => csl.entropyMaximizationLoss(x, y),
  "entropyMaximizationLoss, soft": (x, y) =>
    csl.entropyMaximizationLoss(x, y, { softNegatives: tf.tensor2d(soft) }),
  largeLoss: (x, y) => csl.largeLoss(x, y, { rate: 0.2 }),
  "largeLoss, correct": (x, y) => csl.largeLoss(x, y, { rate: 0.2, mode: "correct" }),
};
/** Part of these is constant for the gradient by definition. */
const frozen: Record<string, Loss> = {
  generalizedRobustLoss: (x, y) => csl.generalizedRobustLoss(x, y, { slope: 2, center: 0.8, width: 0.5 }),
  "generalizedRobustLoss, exponent 0": (x, y) =>
    csl.generalizedRobustLoss(x, y, { slope: 2, center: 0.8, width: 0.5, positiveExponent: 0 }),
  roleLoss: (x, y) => csl.roleLoss(x, y, { expectedPositives: 1.5, estimates: tf.tensor2d(theta) }),
};
const logits = [
  [1.5, -1, 0.25, -2],
  [0.75, -0.4, 2, -0.1],
];
const labels = [
  [1, 0, -1, -1],
  [-1, -1, 1, 0],
];

describe.each(Object.entries({ ...smooth, ...frozen }))("%s", (name, loss) => {
  test.each(["cpu", "wasm"])("finite at |x| = 1e4, whatever is annotated, on %s", async (backend) => {
    await useBackend(backend);
    const extreme = [
      [1e4, -1e4, 90, -90],
      [-17, 17, 0, 1e4],
    ];
    for (const state of [1, 0, -1]) {
      const { value, gradient } = valueAndGradient(
        loss,
        extreme,
        extreme.map((row) => row.map(() => state)),
      );
      expect(Number.isFinite(value) && gradient.every(Number.isFinite)).toBe(true);
    }
  });

  test("leaks nothing and refuses bad labels and logits", async () => {
    await useBackend("cpu");
    const run = (x: number[][], y: number[][]) => valueAndGradient(loss, x, y);
    await expectNoLeak(() => run(logits, labels));
    const speaker = name.split(",")[0];
    expect(() =>
      run(
        logits,
        labels.map((row) => row.map(() => 2)),
      ),
    ).toThrow(`${speaker}: expected labels 1`);
    expect(() =>
      run(
        logits.map((row) => row.map(() => Number.NaN)),
        labels,
      ),
    ).toThrow(`${speaker}: expected finite logits`);
    expect(() => valueAndGradient(loss, logits, [[1, 0]])).toThrow("got float32 [1,2]");
  });
});

test.each(Object.entries(smooth))("%s: the gradient is the slope of the value", async (_name, loss) => {
  await useBackend("cpu");
  const { gradient } = valueAndGradient(loss, logits, labels);
  const h = 1 / 128; // float32 values: a wide step, exact in binary; the error is of order h²
  const slopes = logits.flatMap((row, i) =>
    row.map((_, j) => {
      const at = (step: number) =>
        valueAndGradient(
          loss,
          logits.map((r, k) => r.map((x, l) => (k === i && l === j ? x + step : x))),
          labels,
        ).value;
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
  expectAllClose(gradient, slopes, { atol: 2e-4, rtol: 1e-3 });
});

test("roleLoss trains the label estimates as well: the loss is symmetric in both", async () => {
  await useBackend("cpu");
  tf.tidy(() => {
    const [x, t, y] = [tf.tensor2d(logits), tf.tensor2d(theta), tf.tensor2d(labels)];
    const loss = (a: tf.Tensor, b: tf.Tensor) => csl.roleLoss(a, y, { estimates: b, expectedPositives: 1.5 });
    const [ofX, ofTheta] = tf.grads(loss)([x, t]);
    const [swappedTheta, swappedX] = tf.grads(loss)([t, x]);
    expectAllClose(ofTheta!.dataSync(), swappedTheta!.dataSync(), { rtol: 1e-6 });
    expectAllClose(ofX!.dataSync(), swappedX!.dataSync(), { rtol: 1e-6 });
    expect(ofTheta!.dataSync().every((g) => g !== 0)).toBe(true);
  });
});

test("largeLoss drops ties with the k-th, and all when there are fewer than k", async () => {
  await useBackend("cpu");
  const of = (rate: number, y: number[][]) =>
    [...valueAndGradient((x, t) => csl.largeLoss(x, t, { rate }), [[1, 1, 0, 2]], y).gradient].map(
      (g) => g !== 0,
    );
  expect(of(0.5, [[-1, -1, -1, -1]])).toEqual([false, false, true, false]); // k = 2, the second largest is tied
  expect(of(1, [[-1, 0, -1, 1]])).toEqual([false, true, false, true]);
  expect(of(0, [[-1, -1, -1, -1]])).toEqual([true, true, true, true]);
});

test.each([
  [() => csl.assumeNegativeLoss(tf.zeros([1, 2]), tf.zeros([1, 2]), { labelSmoothing: 2 }), "labelSmoothing"],
  [() => csl.largeLoss(tf.zeros([1, 2]), tf.zeros([1, 2]), { rate: -0.1 }), "rate"],
  [() => csl.hillLoss(tf.zeros([1, 2]), tf.zeros([1, 2]), { gamma: Number.NaN }), "gamma"],
  [() => csl.splcLoss(tf.zeros([1, 2]), tf.zeros([1, 2]), { threshold: 7 }), "threshold"],
  [
    () =>
      csl.entropyMaximizationLoss(tf.zeros([1, 2]), tf.zeros([1, 2]), { softNegatives: tf.zeros([2, 2]) }),
    "softNegatives",
  ],
])("a parameter out of range is named: %#", async (run, name) => {
  await useBackend("cpu");
  expect(() => tf.tidy(run)).toThrow(name);
});
