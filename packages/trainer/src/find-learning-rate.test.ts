import { expectAllClose, expectNoLeak } from "@csl/test-support";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { afterEach, describe, expect, test } from "vitest";
import { createToyModel, toyBatches, toyLoss } from "../test/toy-model.js";
import { findLearningRate, type RangeTestTask } from "./find-learning-rate.js";
import { smoothedPoints, steepestDescent } from "./steepest-descent.js";

setThreadsCount(1);
afterEach(async () => {
  await tf.setBackend("cpu");
});

const classes = { ids: ["red", "green", "blue"] };
const rangeTask = (options: Partial<RangeTestTask> = {}): RangeTestTask => ({
  model: createToyModel(),
  loss: toyLoss,
  classes,
  batches: toyBatches(60, { partial: true }),
  steps: 60,
  from: 1e-4,
  to: 100,
  ...options,
});

test("the smoothed loss is the mean of the losses before and after, weighted by a Gaussian of five steps", () => {
  const [first, second] = smoothedPoints([5, 1, 4].map((loss, i) => ({ lr: 10 ** i, loss })));
  const [near, far] = [Math.exp(-0.5 / 25), Math.exp(-0.5 * (4 / 25))];
  expect(first!.smoothed).toBeCloseTo((5 + near * 1 + far * 4) / (1 + near + far), 12);
  expect(second!.smoothed).toBeCloseTo((near * 5 + 1 + near * 4) / (1 + 2 * near), 12);
});

/** Points whose smoothed loss is given, ten per factor of ten. */
const curve = (smoothed: readonly number[]) =>
  smoothed.map((value, i) => ({ lr: 10 ** (i / 10), loss: value, smoothed: value }));

test.each<[string, number[], number, number | undefined]>([
  // Falls by 1 from point 12 to 13 and by less everywhere else.
  ["falls", Array.from({ length: 25 }, (_, i) => (i <= 12 ? 10 - 0.1 * i : 8 - 0.1 * i)), 25, 10 ** 1.2],
  [
    "falls most within the first tenth, which is left out",
    [9, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    15,
    10 ** 0.3,
  ],
  ["falls only within the last five", [...Array(15).fill(5), 4, 3, 2, 1, 0], 20, undefined],
  ["rises", Array.from({ length: 20 }, (_, i) => i), 20, undefined],
  ["has too few points", [3, 2, 1, 0], 100, undefined],
])("a curve that %s", (_, smoothed, planned, lr) => {
  const found = steepestDescent(curve(smoothed), { planned });
  if (lr === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(lr, 10);
});

describe.each(["cpu", "wasm"])("on %s", (backend) => {
  test("grows the rate by a constant factor, gives the same twice, and leaves the model as it was", async () => {
    await tf.setBackend(backend);
    const task = rangeTask();
    const before = await task.model.stateDict();
    let found = await findLearningRate(task);
    await expectNoLeak(async () => {
      const again = await findLearningRate(task);
      expect(again).toEqual(found);
      found = again;
    });
    expect(await task.model.stateDict()).toEqual(before);
    const { points, lr } = found;
    expect(points[0]!.lr).toBe(1e-4);
    expectAllClose(
      points.slice(1).map((point, i) => point.lr / points[i]!.lr),
      points.slice(1).map(() => 1e6 ** (1 / 59)),
      { rtol: 1e-9 },
    );
    // The toy learns with 0.1; a thousandth of it does not move it, and a hundred times as much destroys it.
    expect(lr).toBeGreaterThan(1e-3);
    expect(lr).toBeLessThan(10);
  });
});

test("ends when the loss explodes, or numbers are no longer finite", async () => {
  const exploding = await findLearningRate(rangeTask({ to: 1e9 }));
  expect(exploding.points.length).toBeLessThan(60);
  let calls = 0;
  const loss: RangeTestTask["loss"] = (logits, labels) =>
    tf.tidy(() => tf.mul(toyLoss(logits, labels), ++calls > 30 ? Number.NaN : 1) as tf.Scalar);
  expect((await findLearningRate(rangeTask({ loss }))).points).toHaveLength(30);
  calls = 99;
  await expect(findLearningRate(rangeTask({ loss }))).rejects.toMatchObject({ code: "not-finite" });
});

test("says nothing where the loss does not depend on the rate, and stops when it is told to", async () => {
  const flat: RangeTestTask["loss"] = (logits) =>
    tf.tidy(() => tf.add(tf.mul(tf.sum(logits), 0), 2) as tf.Scalar);
  expect(await findLearningRate(rangeTask({ loss: flat }))).not.toHaveProperty("lr");
  const stop = new AbortController();
  const task = rangeTask({ signal: stop.signal, onProgress: (steps) => steps === 3 && stop.abort() });
  const before = await task.model.stateDict();
  await expect(findLearningRate(task)).rejects.toMatchObject({ name: "AbortError" });
  expect(await task.model.stateDict()).toEqual(before);
});

test.each([
  [{ steps: 0 }, "steps to be a positive whole number, got 0"],
  [{ from: 0 }, "from to be a finite number above 0, got 0"],
  [{ from: 1, to: 1 }, "expected to above from, which is 1, got 1"],
  [{ epochs: 3 } as object, 'unknown option "epochs"'],
])("%j is refused", async (options, message) => {
  await expect(findLearningRate(rangeTask(options))).rejects.toThrow(message);
});
