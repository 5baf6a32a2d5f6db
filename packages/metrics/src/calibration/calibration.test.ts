import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MetricAccumulator } from "../ranking/metric-accumulator.js";
import { calibration } from "./calibration.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/decisions.json", import.meta.url), "utf8"));
const matrix = {
  scores: Float32Array.from(golden.logits),
  labels: Int8Array.from(golden.labels),
  numClasses: golden.numClasses,
};
/** Our probabilities are float32, torchmetrics' bins too. */
const SINGLE = { atol: 2e-7 };

type Figures = { ece: number | null; adaptiveEce: number | null; brier: number | null };
const rest = ({ ece, brier }: Figures) => [ece!, brier!];
const adaptive = ({ adaptiveEce }: Figures) => [adaptiveEce!];
const figures = (own: Figures) => [...rest(own), ...adaptive(own)];

test("equals torchmetrics and scikit-learn on annotated entries", () => {
  for (const [options, wanted] of [
    [{}, golden.calibration],
    [{ temperature: golden.scaledBy }, golden.calibrationScaled],
    [{ temperature: new Float64Array(6).fill(golden.scaledBy) }, golden.calibrationScaled],
  ]) {
    const result = calibration(matrix, { scoresAre: "logits", ...options });
    expectAllClose(rest(result), rest(wanted), SINGLE);
    const other = calibration(matrix, { scoresAre: "logits", bins: golden.adaptiveBins, ...options });
    expectAllClose(adaptive(other), adaptive(wanted), SINGLE);
  }
  const { perClass, classMean } = calibration(matrix, { scoresAre: "logits" });
  expectAllClose(perClass.flatMap(rest), golden.calibrationPerClass.flatMap(rest), SINGLE);
  const mean = (name: keyof Figures) =>
    golden.calibrationPerClass.reduce((sum: number, own: Figures) => sum + own[name]! / 6, 0);
  expectAllClose(rest(classMean!), [mean("ece"), mean("brier")], SINGLE);
  const other = calibration(matrix, { scoresAre: "logits", bins: golden.adaptiveBins });
  expectAllClose(other.perClass.flatMap(adaptive), golden.calibrationPerClass.flatMap(adaptive), SINGLE);
  expectAllClose([other.classMean!.adaptiveEce], [mean("adaptiveEce")], SINGLE);
});

test("six entries by hand, the reliability table beside them", () => {
  const scores = [0.1, 0.2, 0.2, 0.9, 1, 0];
  const labels = [0, 1, 0, 1, 1, -1];
  const result = calibration({ scores, labels, numClasses: 1 }, { scoresAre: "probabilities", bins: 2 });
  // Below 0.5: mean 0.5/3, share 1/3; from 0.5 on: mean 0.95, share 1. (3/5) (1/6) + (2/5) 0.05 = 0.12.
  expect(result.ece).toBeCloseTo(0.12, 7);
  expect(result.brier).toBeCloseTo((0.01 + 0.64 + 0.04 + 0.01 + 0) / 5, 7);
  expect(result.reliability.map(({ from, to, count }) => [from, to, count])).toEqual([
    [0, 0.5, 3],
    [0.5, 1, 2],
  ]);
  expectAllClose(
    result.reliability.map(({ confidence }) => confidence!),
    [0.5 / 3, 0.95],
    SINGLE,
  );
  expect(result.reliability.map(({ frequency }) => frequency)).toEqual([1 / 3, 1]);
  // Two bins of equal mass: rank floor(1 (5 - 1) / 2) = 2 ends the first, which are the same three.
  expect(result.adaptiveEce).toBeCloseTo(0.12, 7);
  // One class has both labels; a class without labels has no figures.
  const wide = calibration(
    { scores: scores.flatMap((s) => [s, s]), labels: labels.flatMap((y) => [y, -1]), numClasses: 2 },
    { scoresAre: "probabilities" },
  );
  expect(wide.validClasses).toBe(1);
  expect(wide.perClass[1]).toEqual({
    index: 1,
    positives: 0,
    negatives: 0,
    ece: null,
    adaptiveEce: null,
    brier: null,
  });
});

test("the error lies between the bias and the mean absolute error, and does not depend on order or batches", () => {
  const entry = fc.tuple(fc.float({ min: -9, max: 9, noNaN: true }), fc.constantFrom(1, 0, -1));
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      (pairs, bins) => {
        const labels = Int8Array.from(pairs, ([, label]) => label);
        fc.pre(labels.some((label) => label >= 0));
        const scores = Float32Array.from(pairs, ([score]) => score);
        const options = { scoresAre: "logits", bins } as const;
        const result = calibration({ scores, labels, numClasses: 1 }, options);
        const misses = pairs.flatMap(([score, y]) => (y < 0 ? [] : [1 / (1 + Math.exp(-score)) - y]));
        const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        for (const error of [result.ece, result.adaptiveEce]) {
          expect(error).toBeGreaterThanOrEqual(Math.abs(mean(misses)) - 1e-6);
          expect(error).toBeLessThanOrEqual(mean(misses.map(Math.abs)) + 1e-6);
        }
        expect(result.brier).toBeCloseTo(mean(misses.map((miss) => miss ** 2)), 5);
        const metrics = new MetricAccumulator({ folds: 3 });
        const reversed = { scores: scores.slice().reverse(), labels: labels.slice().reverse() };
        for (let i = 0; i < labels.length; i++)
          metrics.add(reversed.scores.subarray(i, i + 1), reversed.labels.subarray(i, i + 1), 1);
        const streamed = calibration(metrics, options);
        expectAllClose(figures(streamed), figures(result), { rtol: 1e-9, atol: 1e-12 });
      },
    ),
    { numRuns: 25 },
  );
});

test("bad input is named", () => {
  const bad =
    (options: object, change = {}) =>
    () =>
      calibration({ ...matrix, ...change }, { scoresAre: "logits", ...options });
  expect(bad({ scoresAre: "probabilities" })).toThrow(
    /expected probabilities in \[0, 1\], got .* in class 0\. Are these logits/,
  );
  expect(bad({ scoresAre: undefined })).toThrow(
    'calibration: expected scoresAre to be "logits" or "probabilities"',
  );
  expect(bad({ bins: 0 })).toThrow("expected bins to be a positive whole number, got 0");
  expect(bad({ temperature: 0 })).toThrow("expected a positive temperature, got 0");
  expect(bad({ temperature: [1] })).toThrow("expected one temperature or one per class (6), got 1");
  expect(bad({}, { labels: new Int8Array(900).fill(-1) })).toThrow(
    "expected at least one annotated entry, got none",
  );
  const halves = { scores: new Float32Array(900).fill(0.5) };
  expect(bad({ scoresAre: "probabilities", temperature: 2 }, halves)).toThrow("Pass the logits");
});

test("a probability on the edge of a bin begins it, though as a float32 it lies below", () => {
  const scores = Float32Array.from({ length: 11 }, (_, i) => i / 10);
  const { reliability } = calibration(
    { scores, labels: new Int8Array(11), numClasses: 1 },
    { scoresAre: "probabilities", bins: 10 },
  );
  expect(reliability.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
});
