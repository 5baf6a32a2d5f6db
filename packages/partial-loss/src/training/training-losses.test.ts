import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../../test/backends.js";
import {
  type LossWithMemory,
  labelCorrectionTraining,
  largeLoss,
  pseudoLabelTraining,
  roleLoss,
  roleTraining,
  type TrainingSet,
} from "../index.js";

const labels = [
  [1, -1, -1],
  [-1, 0, -1],
  [-1, -1, 1],
  [-1, -1, -1],
];
const set: TrainingSet = { samples: 4, classes: 3, labels: (sample) => labels[sample]! };
const samples = [2, 0];
const logits = [
  [0.5, -1, 2],
  [1.5, -0.25, 0.75],
];
const place = { epoch: 1, samples };
const observed = { logits: logits.flat(), labels: samples.flatMap((i) => labels[i]!), ...place };
const batchLabels = samples.map((i) => labels[i]!);

const kinds: Record<string, () => LossWithMemory> = {
  roleTraining: () => roleTraining({ ...set, expectedPositives: 1.5, seed: 3 }),
  pseudoLabelTraining: () => pseudoLabelTraining({ ...set, epochs: 3, warmupEpochs: 1 }),
  labelCorrectionTraining: () => labelCorrectionTraining({ ...set, rate: 0.2 }),
};
const copied = (loss: LossWithMemory) =>
  new Map([...loss.state()].map(([key, { shape, data }]) => [key, { shape, data: data.slice() }]));
function learn(loss: LossWithMemory): void {
  loss.observe?.(observed);
  loss.step?.({ lr: 0.1, beta1: 0.9 });
}
function valueAt(loss: LossWithMemory, at = place): number {
  return tf.tidy(() => loss.loss(tf.tensor2d(logits), tf.tensor2d(batchLabels), at).dataSync()[0]!);
}

beforeEach(() => useBackend("cpu"));

describe.each(Object.entries(kinds))("%s", (_name, create) => {
  it("continues from its state as if it had not been interrupted", () => {
    const whole = create();
    learn(whole);
    const resumed = create();
    resumed.load(copied(whole));
    for (const loss of [whole, resumed]) {
      learn(loss);
      loss.endEpoch?.(1);
      learn(loss);
    }
    expect(resumed.state()).toEqual(whole.state());
    expect(valueAt(resumed)).toBe(valueAt(whole));
  });

  it("changes something, leaks nothing, and refuses unknown samples and foreign states", async () => {
    const loss = create();
    const before = copied(loss);
    learn(loss);
    expect(loss.state()).not.toEqual(before);
    await expectNoLeak(() => {
      valueAt(loss);
      learn(loss);
    });
    expect(() => valueAt(loss, { epoch: 1 } as never)).toThrow(/0 to 3, got none/);
    expect(() => valueAt(loss, { epoch: 1, samples: [0, 4] })).toThrow(/0 to 3, got 4/);
    expect(() => loss.load(new Map())).toThrow(/numbers under ".*got none/);
  });
});

it("roleTraining: the gradient of the estimates is that of roleLoss, and the first step of Adam is its sign", () => {
  const loss = kinds.roleTraining!();
  const theta = loss.state().get("role.estimates")!.data.slice();
  learn(loss);
  const gradient = tf.tidy(() => {
    const rows = tf.tensor2d(samples.map((i) => [...theta.slice(3 * i, 3 * i + 3)]));
    const sum = (t: tf.Tensor) =>
      tf.mul(
        roleLoss(tf.tensor2d(logits), tf.tensor2d(batchLabels), { estimates: t, expectedPositives: 1.5 }),
        6,
      );
    return tf
      .grad(sum as (x: tf.Tensor) => tf.Tensor)(rows)
      .dataSync();
  });
  const after = loss.state();
  const moment1 = after.get("role.moment1")!.data;
  expectAllClose(
    samples.flatMap((i) => [...moment1.slice(3 * i, 3 * i + 3)]),
    gradient.map((g) => 0.1 * g), // (1 - beta1) g
    { rtol: 1e-5 },
  );
  const moved = after.get("role.estimates")!.data.map((t, i) => t - theta[i]!);
  // lr · rate · m̂ / √v̂ with m̂ = g and v̂ = g²; nothing where no gradient was
  const expected = moved.map((_, i) => -Math.sign(moment1[i]!));
  expectAllClose(moved, expected, { atol: 1e-4 });
});

it("roleTraining: two batches before a step count as their sum", () => {
  const loss = kinds.roleTraining!();
  loss.observe!(observed);
  const once = kinds.roleTraining!();
  learn(once);
  loss.observe!(observed);
  loss.step!({ lr: 0.1, beta1: 0.9 });
  const [twice, single] = [loss, once].map((one) => one.state().get("role.moment1")!.data);
  expectAllClose(
    twice!,
    single!.map((m) => 2 * m),
    { rtol: 1e-5 },
  );
});

it("roleTraining: first estimates are logit .995 and .005 where annotated, within logit .6 elsewhere", () => {
  const theta = kinds.roleTraining!().state().get("role.estimates")!.data;
  const p = theta.map((t) => 1 / (1 + Math.exp(-t)));
  for (const [i, label] of labels.flat().entries())
    if (label === -1) expect(Math.abs(p[i]! - 0.5)).toBeLessThanOrEqual(0.1);
    else expect(p[i]).toBeCloseTo(label === 1 ? 0.995 : 0.005, 6);
});

it("pseudoLabelTraining: the lowest un-annotated predictions of each class become soft negatives and stay", () => {
  const loss = pseudoLabelTraining({ ...set, epochs: 3, warmupEpochs: 1, share: 1 });
  // per class 3, 2 or 3 un-annotated entries over 2 epochs: one of each class and epoch
  const all = { samples: [0, 1, 2, 3], labels: labels.flat() };
  loss.observe!({ ...all, epoch: 0, logits: [0, 1, 3, -1, 0, -2, 2, -3, 0, 1, 0, 0] });
  const soft = () => [...loss.state().get("pseudo-labels.soft")!.data];
  const p = (x: number) => Math.fround(1 / (1 + Math.exp(-x)));
  loss.endEpoch!(0);
  const first = [-2, -1, -1, p(-1), -2, p(-2), -1, p(-3), -2, -1, -1, -1];
  expect(soft()).toEqual(first);
  loss.observe!({ ...all, epoch: 1, logits: [0, 1, -3, 5, 0, 5, 2, 5, 0, 1, 0, 0] });
  loss.endEpoch!(1);
  expect(soft()).toEqual([-2, -1, p(-3), p(-1), -2, p(-2), -1, p(-3), -2, p(1), p(0), -1]);
});

it("pseudoLabelTraining: is plain EM in the warm-up", () => {
  const loss = pseudoLabelTraining({ ...set, epochs: 9, warmupEpochs: 5 });
  const before = valueAt(loss);
  learn(loss);
  loss.endEpoch!(3);
  expect(valueAt(loss)).toBe(before);
});

it("labelCorrectionTraining: the likeliest un-annotated entries become positives for good, not in the first epoch", () => {
  const loss = labelCorrectionTraining({ ...set, rate: 0.3 });
  loss.observe!({ ...observed, epoch: 0 });
  const corrected = () => [...loss.state().get("label-correction.corrected")!.data];
  expect(corrected()).toEqual(new Array(12).fill(0));
  // k = ceil(6 · 0.3) = 2: of sample 0 class 2 (.75), of sample 2 class 0 (.5)
  const value = valueAt(loss);
  loss.observe!(observed);
  expect(corrected()).toEqual([0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
  const direct = (y: number[][], rate: number) =>
    tf.tidy(
      () =>
        largeLoss(tf.tensor2d(logits), tf.tensor2d(y), {
          rate,
          mode: "correct",
          reduction: "sum",
        }).dataSync()[0]!,
    );
  expect(value).toBe(direct(batchLabels, 0.3));
  expect(valueAt(loss, { ...place, epoch: 0 })).toBe(
    direct(
      [
        [1, -1, 1],
        [1, -1, 1],
      ],
      0,
    ),
  );
});
