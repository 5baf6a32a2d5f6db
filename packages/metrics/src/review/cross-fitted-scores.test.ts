import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, it } from "vitest";
import { calibrateScores } from "./calibrate-scores.js";
import { crossFittedScores } from "./cross-fitted-scores.js";

/** Two classes that are there where feature 0, or feature 1, is above 0; a fifth of the labels is left out. */
function drawn(samples: number): { features: number[]; labels: number[] } {
  const random = mulberry32(4);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const features: number[] = [];
  const labels: number[] = [];
  for (let i = 0; i < samples; i++) {
    const row = [normal(), normal(), normal()];
    features.push(...row);
    for (const value of row.slice(0, 2)) labels.push(random() < 0.2 ? -1 : value > 0 ? 1 : 0);
  }
  return { features, labels };
}

it("scores no sample by a head that has seen its labels", () => {
  const { features, labels } = drawn(60);
  const options = { features, dimensions: 3, numClasses: 2, folds: 4, seed: 1 };
  const before = crossFittedScores({ ...options, labels });
  const changed = [...labels];
  changed[20] = labels[20] === 1 ? 0 : 1;
  const after = crossFittedScores({ ...options, labels: changed });
  // The 15 samples of the fold of sample 10 stay as they were, among them sample 10; all others' heads changed.
  const same = Array.from({ length: 60 }, (_, i) => before[2 * i] === after[2 * i]);
  expect(same[10]).toBe(true);
  expect(same.filter(Boolean)).toHaveLength(15);
});

it("is a linear discriminant: with a sphere as the covariance, the mean of the positives less that of all", () => {
  // Each sample is a fold.
  const features = [1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1];
  const options = { features, dimensions: 2, numClasses: 1, folds: 6, shrinkage: 1 };
  const scores = crossFittedScores({ ...options, labels: [1, 1, 1, 0, 0, 0] });
  // The covariance is [[1, 1], [1, 1]], its sphere the identity, the mean of all 0: w = (1, 1), and the point between is (½, ½).
  expect([...scores].map((score) => Math.round(score * 1e5) / 1e5)).toEqual([1, 1, 1, -3, -3, -3]);
  // What is annotated as absent is no part of it.
  expect([...crossFittedScores({ ...options, labels: [1, 1, 1, -1, 0, -1] })]).toEqual([...scores]);
});

it("gives NaN where no positive is left to learn from, and needs no negatives", () => {
  const { features } = drawn(20);
  const labels = Array.from({ length: 20 }, (_, i) => [
    i === 3 ? 1 : -1,
    features[3 * i + 1]! > 0 ? 1 : -1,
  ]).flat();
  const scores = crossFittedScores({ features, dimensions: 3, labels, numClasses: 2, folds: 5 });
  const known = Array.from({ length: 20 }, (_, i) => !Number.isNaN(scores[2 * i]!));
  expect(known.filter(Boolean)).toHaveLength(16);
  expect(known[3]).toBe(false);
  const mean = (present: boolean): number => {
    const of = Array.from({ length: 20 }, (_, i) => i).filter((i) => features[3 * i + 1]! > 0 === present);
    return of.reduce((sum, i) => sum + scores[2 * i + 1]!, 0) / of.length;
  };
  expect(mean(true)).toBeGreaterThan(mean(false));
});

it("calibrates: the mean probability of a class is the share of its positives, and NaN stays NaN", () => {
  const { features, labels } = drawn(400);
  const scores = crossFittedScores({ features, dimensions: 3, labels, numClasses: 2 });
  scores[7] = Number.NaN;
  const probabilities = calibrateScores({ scores, labels, numClasses: 2 });
  expect(probabilities[7]).toBeNaN();
  for (const c of [0, 1]) {
    const of = Array.from({ length: 400 }, (_, i) => 2 * i + c).filter((i) => labels[i] !== -1 && i !== 7);
    const share = of.filter((i) => labels[i] === 1).length / of.length;
    const mean = of.reduce((sum, i) => sum + probabilities[i]!, 0) / of.length;
    expect(mean).toBeCloseTo(share, 1);
    const right = of.filter((i) => probabilities[i]! > 0.5 === (labels[i] === 1)).length / of.length;
    expect(right).toBeGreaterThan(0.9);
  }
});

it.each([
  [{ folds: 1 }, /folds to be a whole number from 2/],
  [{ shrinkage: 0 }, /shrinkage/],
  [{ dimensions: 2 }, /features \[samples \* 2\]/],
  [{ features: new Array(9).fill(1) }, /features that differ/],
])("refuses %j", (change, message) => {
  const options = {
    features: [1, 2, 3, 4, 5, 6, 7, 8, 0],
    dimensions: 3,
    labels: [1, 0, 1],
    numClasses: 1,
    folds: 3,
  };
  expect(() => crossFittedScores({ ...options, ...change })).toThrow(message);
});
