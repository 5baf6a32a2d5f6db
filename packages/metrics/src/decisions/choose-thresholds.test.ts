import { readFileSync } from "node:fs";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { MetricAccumulator } from "../ranking/metric-accumulator.js";
import { chooseThresholds } from "./choose-thresholds.js";
import { precisionRecallF1 } from "./precision-recall-f1.js";
import { fBeta, recallAtPrecision } from "./threshold-criterion.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/decisions.json", import.meta.url), "utf8"));
const matrix = {
  scores: Float32Array.from(golden.logits),
  labels: Int8Array.from(golden.labels),
  numClasses: golden.numClasses,
};
const own = { minPositives: 0 };
/** Both sides count the same decisions on the same float32 scores. */
const EXACT = { rtol: 1e-12 };

test("F1 of six entries by hand", () => {
  // From the top: + - + + - -. F1 at the four cuts behind a positive: 2/(1+3), -, 4/(3+3), 6/(4+3).
  const scores = [6, 5, 4, 3, 2, 1];
  const labels = [1, 0, 1, 1, 0, 0];
  const result = chooseThresholds({ scores, labels, numClasses: 1 }, { folds: 2, ...own });
  expect(result.thresholds).toEqual(Float32Array.of(2.5));
  expect(result.fitted.cf1).toBeCloseTo(6 / 7, 12);
  // Every second sample is in the same fold: the first has 6+ 4+ 2-, the second 5- 3+ 1-. Chosen on the second alone, the
  // first is cut at 2 (between 3 and 1), so 6 and 4 pass and 2 does not (strictly): 2 of 2. Chosen on the first alone,
  // the second is cut at 3: only 5 passes, wrongly.
  const [decisions] = result.crossFitted.perClass;
  expect(decisions).toMatchObject({
    truePositives: 2,
    falsePositives: 1,
    falseNegatives: 1,
    trueNegatives: 2,
  });
});

test("equals scikit-learn's best F1, F2 and recall, at its thresholds", () => {
  const f1 = chooseThresholds(matrix, own);
  const best = ({ perClass }: typeof f1.fitted) => perClass.map((c) => c.f1);
  expectAllClose(
    best(f1.fitted),
    golden.f1.map((c: { value: number }) => c.value),
    EXACT,
  );
  expectAllClose(
    f1.thresholds,
    golden.f1.map((c: { threshold: number }) => c.threshold),
    { rtol: 1e-6 },
  );
  expectAllClose([f1.global], [golden.globalF1.threshold], { rtol: 1e-6 });
  const pooled = precisionRecallF1({ ...matrix, threshold: f1.global });
  expectAllClose([pooled.of1], [golden.globalF1.value], EXACT);

  const f2 = chooseThresholds(matrix, { ...own, criterion: fBeta(2) });
  expectAllClose(
    f2.thresholds,
    golden.f2.map((c: { threshold: number }) => c.threshold),
    { rtol: 1e-6 },
  );
  const { precision, recall } = golden.recallAtPrecision;
  const precise = chooseThresholds(matrix, { ...own, criterion: recallAtPrecision(precision) });
  expectAllClose(
    precise.fitted.perClass.map((c) => c.recall),
    recall,
    EXACT,
  );
});

test("batches give what one piece gives, and ids key the result", () => {
  const ids = ["/m/a", "/m/b", "/m/c", "/m/d", "/m/e", "/m/f"];
  const metrics = new MetricAccumulator({ folds: 5 });
  let from = 0;
  for (const rows of [1, 6, 0, 13, 2, 128]) {
    const to = from + rows * 6;
    metrics.add(matrix.scores.subarray(from, to), matrix.labels.subarray(from, to), rows);
    from = to;
  }
  expect(from).toBe(matrix.scores.length);
  const whole = chooseThresholds(matrix, { ids });
  expect(chooseThresholds(metrics, { ids })).toEqual(whole);
  expect(Object.keys(whole.byId)).toEqual(ids);
  expect(whole.byId["/m/c"]).toBe(whole.thresholds[2]);
  expect(whole.perClass[2]).toMatchObject({ id: "/m/c", source: "own" });
  // Folds change nothing about the rest.
  const plain = new MetricAccumulator();
  plain.add(matrix.scores, matrix.labels, 150);
  expect(metrics.compute({ micro: true })).toEqual(plain.compute({ micro: true }));
});

test("a class with few positives goes part of the way from the shared threshold to its own", () => {
  // Class 0 has eight positives; class 1 none, class 2 no negative.
  const labels = matrix.labels.map((label, i) => {
    const column = i % 6;
    if (column === 1 && label === 1) return -1;
    return column === 2 && label === 0 ? -1 : label;
  });
  const free = chooseThresholds({ ...matrix, labels }, own);
  const result = chooseThresholds({ ...matrix, labels }, { minPositives: 20 });
  const { positives } = result.perClass[0]!;
  expect(positives).toBe(8);
  const expected = result.global + (positives / 20) * (free.thresholds[0]! - result.global);
  expect(result.thresholds[0]).toBe(Math.fround(expected));
  expect(result.perClass.map(({ source }) => source)).toEqual([
    "shrunk",
    "global",
    "global",
    "own",
    "own",
    "own",
  ]);
  expect([...result.thresholds.subarray(1, 3)]).toEqual([result.global, result.global]);
  expect([...result.thresholds.subarray(3)]).toEqual([...free.thresholds.subarray(3)]);
});

test("what is promised is what new data gives; what was fitted is more", () => {
  // 30 classes of 2% to 30% positives, each with its own shift; five times 600 samples to choose on, 20,000 to find out.
  const numClasses = 30;
  const random = mulberry32(4);
  const normal = () => random() + random() + random() + random() + random() + random() - 3;
  const shift = Float64Array.from({ length: numClasses }, () => 2 * normal());
  const draw = (rows: number) => {
    const labels = Int8Array.from({ length: rows * numClasses }, (_, i) =>
      random() < 0.3 ? -1 : random() < 0.02 * 15 ** ((i % numClasses) / (numClasses - 1)) ? 1 : 0,
    );
    const scores = Float32Array.from(
      labels,
      (y, i) => normal() + shift[i % numClasses]! + (y === 1 ? 1.2 : 0),
    );
    return { scores, labels, numClasses };
  };
  const fresh = draw(20_000);
  const truth = (threshold: number | Float32Array) => precisionRecallF1({ ...fresh, threshold }).cf1;
  const runs = Array.from({ length: 5 }, () => chooseThresholds(draw(600)));
  const mean = (value: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + value(run) / 5, 0);
  const real = mean(({ thresholds }) => truth(thresholds));
  const shared = mean(({ global }) => truth(global));
  expect(Math.abs(mean(({ crossFitted }) => crossFitted.cf1) - real)).toBeLessThan(0.015);
  expect(Math.abs(mean(({ globalCrossFitted }) => globalCrossFitted.cf1) - shared)).toBeLessThan(0.015);
  expect(mean(({ fitted }) => fitted.cf1)).toBeGreaterThan(real + 0.04);
  expect(real).toBeGreaterThan(shared + 0.05);
});

test("bad input is named", () => {
  const choose =
    (change: object, options = {}) =>
    () =>
      chooseThresholds({ ...matrix, ...change }, options);
  expect(choose({}, { folds: 1 })).toThrow("chooseThresholds: expected at least 2 folds, got 1");
  expect(choose({}, { folds: 151 })).toThrow("at least as many samples as folds (151), got 150");
  expect(choose({}, { ids: ["a"] })).toThrow("expected 6 different class ids, got 1");
  expect(choose({}, { minPositives: -1 })).toThrow("expected minPositives to be 0 or more, got -1");
  expect(choose({}, { criterion: { name: "accuracy" } })).toThrow("expected a criterion made by fBeta()");
  expect(choose({}, { criterion: { name: "f-beta" } })).toThrow(
    "expected a beta from 0.001 to 1000, got undefined",
  );
  expect(choose({}, { criterion: { name: "recall-at-precision", precision: 90 } })).toThrow("got 90");
  expect(choose({ labels: new Int8Array(900) })).toThrow(
    "expected at least one class with an annotated positive",
  );
  expect(choose({ labels: new Int8Array(900).fill(2) })).toThrow("expected labels 1 (positive)");
  expect(choose({ scores: new Float32Array(900).fill(Number.NaN) })).toThrow("got NaN at sample 0, class 0");
  const unfolded = new MetricAccumulator();
  expect(() => chooseThresholds(unfolded)).toThrow("expected at least one sample, got none");
  unfolded.add(matrix.scores, matrix.labels, 150);
  expect(() => chooseThresholds(unfolded)).toThrow("Make the accumulator with folds: 5");
  expect(() => new MetricAccumulator({ folds: 0 })).toThrow(
    "expected folds to be a positive whole number, got 0",
  );
  expect(() => fBeta(0)).toThrow("fBeta: expected a beta from 0.001 to 1000, got 0");
  expect(() => recallAtPrecision(1.2)).toThrow("expected a precision in (0, 1], got 1.2");
});

test("a positive of probability 0, whose logit is -Infinity, is reached by no threshold and spoils none", () => {
  // Letting all pass would be the best F1 (6/7), if a finite threshold could: the best that can be is 1.5 (F1 4/5).
  const scores = Float32Array.from([2, -Infinity, 1, 2, -Infinity, 1]);
  const labels = Int8Array.from([1, 1, 0, 1, 1, 0]);
  const { perClass, fitted } = chooseThresholds(
    { scores, labels, numClasses: 1 },
    { minPositives: 0, folds: 2 },
  );
  expect(perClass[0]!.threshold).toBe(1.5);
  expect(fitted.perClass[0]).toMatchObject({ truePositives: 2, falsePositives: 0, falseNegatives: 2 });
});
