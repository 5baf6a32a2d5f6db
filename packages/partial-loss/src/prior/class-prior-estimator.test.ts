import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { ClassPriorEstimator } from "./class-prior-estimator.js";
import { priorVector } from "./prior.js";

test("the mean over all rows, however they are cut into batches, and across a resume", () => {
  const all = [0.5, 0.1, 1, 0.2, 0.75, 0.3];
  const whole = new ClassPriorEstimator(["a", "b"]);
  whole.update(all, 3);
  const first = new ClassPriorEstimator(["a", "b"]);
  first.update(Float32Array.from(all.slice(0, 2)), 1);
  const second = ClassPriorEstimator.resume(first.prior());
  second.update(all.slice(2), 2);
  const exact = ClassPriorEstimator.fromSums(["a", "b"], JSON.parse(JSON.stringify([...first.sums])), 1);
  exact.update(all.slice(2), 2);
  first.update(all.slice(2), 2);
  expect(exact.sums).toEqual(first.sums); // bit for bit, also by way of JSON
  expect(() => ClassPriorEstimator.fromSums(["a"], [1, 2], 1)).toThrow("expected 1 sums and a count, got 2");
  for (const estimator of [whole, second]) {
    expect(estimator.count).toBe(3);
    expectAllClose(estimator.prior().values, [2.25 / 3, 0.6 / 3], { rtol: 1e-6 });
  }
  const named = whole.prior({ names: ["A", "B"], source: "test" });
  expect(named).toMatchObject({ ids: ["a", "b"], names: ["A", "B"], source: "test", count: 3 });
  expect([...priorVector(named, ["b", "a"])]).toEqual([...named.values].reverse());
});

test("refuses what is no batch of probabilities, and adds nothing then", () => {
  const estimator = new ClassPriorEstimator(["a", "b"]);
  expect(() => estimator.update([0.5, 0.5, 0.5], 2)).toThrow("2 rows × 2 classes = 4 probabilities, got 3");
  expect(() => estimator.update([0.5, 3], 1)).toThrow("got 3 at [0, 1]. Apply the sigmoid");
  expect(() => estimator.update([0.5, Number.NaN], 1)).toThrow("got NaN at [0, 1]");
  expect(estimator.count).toBe(0);
  expect(() => estimator.prior()).toThrow("at least one sample");
  expect(() => new ClassPriorEstimator(["a", "a"])).toThrow('"a" twice');
  expect(() => new ClassPriorEstimator([])).toThrow("got none");
  expect(() => ClassPriorEstimator.resume({ ids: ["a"], values: Float32Array.of(0.5) })).toThrow(
    "sample count",
  );
});
