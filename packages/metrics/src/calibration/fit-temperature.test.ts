import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitTemperature } from "./fit-temperature.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/decisions.json", import.meta.url), "utf8"));
const matrix = {
  scores: Float32Array.from(golden.logits),
  labels: Int8Array.from(golden.labels),
  numClasses: golden.numClasses,
};

test("equals scikit-learn's logistic regression on the logit", () => {
  const result = fitTemperature(matrix, { perClass: true, minPositives: 0 });
  expectAllClose([result.temperature], [golden.temperature], { rtol: 1e-6 });
  expectAllClose(result.perClass!, golden.temperaturePerClass, { rtol: 1e-6 });
  expectAllClose([result.logLoss.before, result.logLoss.after], golden.logLoss, { rtol: 1e-7 });
});

test("logits ±1 of which three in four are right: T = 1 / log 3", () => {
  // The best a has sigmoid(a) = 3/4.
  const scores = Float32Array.from([1, 1, 1, 1, -1, -1, -1, -1]);
  const labels = Int8Array.from([1, 1, 1, 0, 0, 0, 0, 1]);
  const { temperature, logLoss } = fitTemperature({ scores, labels, numClasses: 1 });
  expect(temperature).toBeCloseTo(1 / Math.log(3), 9);
  expect(logLoss.after).toBeCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), 9);
  // A thousand times the logits, a thousand times the temperature, within the limit of 100.
  const scaled = (factor: number) =>
    fitTemperature({ scores: scores.map((x) => x * factor), labels, numClasses: 1 }).temperature;
  expect(scaled(50)).toBeCloseTo(50 / Math.log(3), 6);
  expect(scaled(0.05)).toBeCloseTo(0.05 / Math.log(3), 8);
  expect(scaled(1000)).toBeCloseTo(100, 6);
});

test("logits that separate the labels, or point the wrong way, end at the limits", () => {
  const scores = Float32Array.from([3, -2]);
  expect(fitTemperature({ scores, labels: [1, 0], numClasses: 1 }).temperature).toBeCloseTo(0.01, 6);
  expect(fitTemperature({ scores, labels: [0, 1], numClasses: 1 }).temperature).toBeCloseTo(100, 6);
  const infinite = Float32Array.from([Infinity, -Infinity, Infinity, 1]);
  const { temperature, logLoss } = fitTemperature({ scores: infinite, labels: [1, 0, 0, 1], numClasses: 1 });
  expect(temperature).toBeCloseTo(100, 6);
  expect(Number.isFinite(logLoss.after)).toBe(true);
});

test("logits of hundreds, as a diverged model gives them, are distinguished as well", () => {
  // ±150 and ±1500, of which three in four are right: at T the loss is the sum of both, its slope zero where
  // x (σ(x/T) - 3/4) of the two sizes cancels out; both at their own best is impossible.
  const scores = Float32Array.from([150, 1500].flatMap((x) => [x, x, x, x, -x, -x, -x, -x]));
  const labels = Int8Array.from([150, 1500].flatMap(() => [1, 1, 1, 0, 0, 0, 0, 1]));
  const { temperature, logLoss } = fitTemperature({ scores, labels, numClasses: 1 });
  const loss = (x: number) => Math.log1p(Math.exp(x)) - 0.75 * x;
  expect(logLoss.after).toBeCloseTo((loss(150 / temperature) + loss(1500 / temperature)) / 2, 9);
});

test("logits that are all zero keep the temperature of 1", () => {
  expect(
    fitTemperature({ scores: new Float32Array(4), labels: [1, 0, 0, 0], numClasses: 2 }).temperature,
  ).toBe(1);
});

test("no temperature nearby has a smaller loss", () => {
  const entry = fc.tuple(fc.float({ min: -30, max: 30, noNaN: true }), fc.constantFrom(1, 0, -1));
  fc.assert(
    fc.property(fc.array(entry, { minLength: 2, maxLength: 100 }), (pairs) => {
      const labels = pairs.map(([, label]) => label);
      fc.pre(labels.some((label) => label >= 0));
      const scores = Float32Array.from(pairs, ([score]) => score);
      const { temperature, logLoss } = fitTemperature({ scores, labels, numClasses: 1 });
      const loss = (t: number) => {
        const losses = pairs.flatMap(([x, y]) =>
          y < 0 ? [] : [Math.log1p(Math.exp(((1 - 2 * y) * x) / t))],
        );
        return losses.reduce((a, b) => a + b, 0) / losses.length;
      };
      expect(logLoss.after).toBeCloseTo(loss(temperature), 6);
      for (const factor of [0.9, 1.1]) {
        const other = Math.min(Math.max(temperature * factor, 0.01), 100);
        expect(loss(temperature)).toBeLessThanOrEqual(loss(other) + 1e-9);
      }
    }),
    { numRuns: 100 },
  );
});

test("a rare class goes part of the way, one that lacks a label has the shared temperature", () => {
  const labels = matrix.labels.map((label, i) => (i % 6 === 1 && label === 1 ? -1 : label));
  const free = fitTemperature({ ...matrix, labels }, { perClass: true, minPositives: 0 });
  const { temperature, perClass } = fitTemperature(
    { ...matrix, labels },
    { perClass: true, minPositives: 16 },
  );
  // Class 0 has 8 positives of the 16: half of the way on a logarithmic scale is the geometric mean.
  expect(perClass![0]).toBeCloseTo(Math.sqrt(temperature * free.perClass![0]!), 9);
  expect(perClass![1]).toBe(temperature);
  expect(() => fitTemperature({ ...matrix, labels: labels.map(() => -1) })).toThrow(
    "fitTemperature: expected at least one annotated entry, got none in 150 samples",
  );
});
