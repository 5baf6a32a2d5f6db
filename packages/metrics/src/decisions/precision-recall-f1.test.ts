import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { summarizeDecisions } from "./decision-counts.js";
import { PrecisionRecallAccumulator, precisionRecallF1 } from "./precision-recall-f1.js";

const scikit = JSON.parse(readFileSync(new URL("../../fixtures/scikit-learn.json", import.meta.url), "utf8"));

test("the two CF1 conventions differ on the same counts", () => {
  // Four classes: TP 90 5 0 30, FP 10 45 0 10, FN 10 5 20 30.
  const counts = {
    truePositives: Uint32Array.from([90, 5, 0, 30]),
    falsePositives: Uint32Array.from([10, 45, 0, 10]),
    falseNegatives: Uint32Array.from([10, 5, 20, 30]),
    trueNegatives: Uint32Array.from([1, 1, 1, 1]),
  };
  const mean = summarizeDecisions("test", counts, {});
  const harmonic = summarizeDecisions("test", counts, { convention: "harmonic" });
  // F1 per class: 0.9, 1/6, 0, 0.6; CP = (0.9 + 0.1 + 0 + 0.75) / 4, CR = (0.9 + 0.5 + 0 + 0.5) / 4.
  expect(mean.cf1).toBeCloseTo((0.9 + 1 / 6 + 0 + 0.6) / 4, 12);
  expect(harmonic.cf1).toBeCloseTo((2 * 0.4375 * 0.475) / (0.4375 + 0.475), 12);
  expect([mean.cp, mean.cr]).toEqual([0.4375, 0.475]);
  expect([mean.op, mean.or]).toEqual([125 / 190, 125 / 190]);
  expect(harmonic.of1).toBeCloseTo(125 / 190, 12);
});

test("equals scikit-learn on annotated entries", () => {
  const { cp, cr, cf1, op, or, of1 } = precisionRecallF1({
    scores: Float32Array.from(scikit.scores),
    labels: Int8Array.from(scikit.labels),
    numClasses: scikit.numClasses,
    threshold: scikit.threshold,
  });
  expectAllClose(
    [cp, cr, cf1, op, or, of1],
    [scikit.cp, scikit.cr, scikit.cf1, scikit.op, scikit.or, scikit.of1],
    { rtol: 1e-12 },
  );
});

test("a score equal to the threshold is not predicted, in float32 too", () => {
  const labels = Int8Array.from([1, 1, 0]);
  const at = (threshold: number) =>
    precisionRecallF1({
      scores: Float32Array.from([0.8, 0.9, 0.1]),
      labels,
      numClasses: 1,
      threshold,
    }).perClass[0]!;
  expect(at(0.8).truePositives).toBe(1);
  expect(at(0.79).truePositives).toBe(2);
});

const scores = Float32Array.from([0.9, 0.8, 0.7, 0.2, 0.4, 0.3, 0.2, 0.1]);
const labels = Int8Array.from([0, 1, 1, 1, 1, 0, -1, 0]);

test("top-k: exactly k, or k that also pass the threshold", () => {
  const run = (topK: { k: number; rule?: "exact" | "and-threshold" }) => {
    const { perClass } = precisionRecallF1({ scores, labels, numClasses: 4, emptyClass: "zero", topK });
    const sum = (name: "truePositives" | "falsePositives") => perClass.reduce((s, c) => s + c[name], 0);
    return [sum("truePositives"), sum("falsePositives")];
  };
  // Row 0 predicts classes 0 and 1, row 1 classes 0 and 1 (none of which passes 0.5).
  expect(run({ k: 2 })).toEqual([2, 2]);
  expect(run({ k: 2, rule: "and-threshold" })).toEqual([1, 1]);
  // The un-annotated class 2 of row 1 takes no place, and k larger than a row takes all of it.
  expect(run({ k: 3 })).toEqual([3, 3]);
  expect(run({ k: 99 })).toEqual([4, 3]);
});

test("top-k takes equal scores in class order", () => {
  const { perClass } = precisionRecallF1({
    scores: [0.5, 0.5, 0.5],
    labels: [0, 1, 1],
    numClasses: 3,
    emptyClass: "zero",
    topK: { k: 2 },
  });
  expect(perClass.map((c) => c.truePositives + c.falsePositives)).toEqual([1, 1, 0]);
});

test("one threshold per class", () => {
  const { perClass } = precisionRecallF1({
    scores,
    labels,
    numClasses: 4,
    emptyClass: "zero",
    threshold: [0.95, 0.75, 0, 0],
  });
  expect(perClass.map((c) => c.truePositives + c.falsePositives)).toEqual([0, 1, 1, 2]);
});

test("streaming equals one shot", () => {
  const options = { threshold: 0.35, convention: "harmonic", emptyClass: "zero" } as const;
  const metrics = new PrecisionRecallAccumulator(4, options);
  metrics.add(scores.subarray(0, 4), labels.subarray(0, 4));
  metrics.add(scores.subarray(4), labels.subarray(4));
  expect(metrics.compute()).toEqual(precisionRecallF1({ scores, labels, numClasses: 4, ...options }));
});

test("classes that evaluate() skips are out of the class means, not out of the overall numbers", () => {
  // Class 1 has no negative, class 2 no positive.
  const result = precisionRecallF1({
    scores: [0.9, 0.1, 0.9, 0.1, 0.9, 0.1],
    labels: [1, 1, 0, 0, 1, 0],
    numClasses: 3,
  });
  expect([result.validClasses, result.cp, result.cr, result.cf1]).toEqual([1, 1, 1, 1]);
  expect([result.op, result.or]).toEqual([2 / 3, 2 / 3]);
});

test("bad input is named", () => {
  const bad = (change: object) => () => precisionRecallF1({ scores, labels, numClasses: 4, ...change });
  expect(bad({ threshold: Number.NaN })).toThrow("precisionRecallF1: expected thresholds that are numbers");
  expect(bad({ threshold: [0.5] })).toThrow("expected one threshold or one per class (4), got 1");
  expect(bad({ topK: { k: 0 } })).toThrow("expected topK.k to be a positive whole number, got 0");
  expect(bad({ topK: { k: 1, rule: "about" } })).toThrow(
    'expected topK.rule to be "exact" or "and-threshold"',
  );
  expect(bad({ topK: { k: 1, mode: "exact" } })).toThrow('topK: unknown option "mode". Known: k, rule.');
  expect(bad({ convention: "macro" })).toThrow('expected convention to be "harmonic" or "mean", got "macro"');
  expect(bad({ scores: scores.map(() => Number.NaN) })).toThrow("got NaN at sample 0, class 0");
  expect(bad({ labels: new Int8Array(8) })).toThrow("got none of 4");
  expect(() => new PrecisionRecallAccumulator(0)).toThrow(
    "expected numClasses to be a positive whole number, got 0",
  );
});
