import { expect, test } from "vitest";
import { averagePrecision, averagePrecisionInterval } from "./average-precision.js";

// Three rankings of five entries; AP by hand.
const distinct = { scores: [0.9, 0.8, 0.7, 0.6, 0.5], labels: [1, 0, 1, 0, 1] };
const allTied = { scores: [0.5, 0.5, 0.5, 0.5, 0.5], labels: [1, 0, 1, 0, 0] };
const someTied = { scores: [0.9, 0.7, 0.7, 0.7, 0.1], labels: [0, 1, 0, 1, 0] };

test("without ties every convention has its textbook value", () => {
  const { scores, labels } = distinct;
  // Precisions at the positives: 1/1, 2/3, 3/5.
  expect(averagePrecision(scores, labels)).toBeCloseTo((1 + 2 / 3 + 3 / 5) / 3, 12);
  expect(averagePrecision(scores, labels, { ties: "rank" })).toBeCloseTo(
    (1 + 2 / 3 + 3 / 5) / (3 + 1e-8),
    12,
  );
  expect(averagePrecision(scores, labels, { interpolation: "voc10" })).toBeCloseTo(0.755556, 6);
  // Recall 0, .1, .2, .3 is reached by the first positive, .4 … .6 by the second, .7 … 1 by the third.
  expect(averagePrecision(scores, labels, { interpolation: "voc07" })).toBeCloseTo(
    (4 * 1 + 3 * (2 / 3) + 4 * (3 / 5)) / 11,
    12,
  );
  expect(averagePrecision(scores, labels, { interpolation: "coco101" })).toBeCloseTo(
    (34 * 1 + 33 * (2 / 3) + 34 * (3 / 5)) / 101,
    12,
  );
});

test("tied scores are one step by default, and negatives first by rank", () => {
  expect(averagePrecision(allTied.scores, allTied.labels)).toBeCloseTo(2 / 5, 12);
  expect(averagePrecision(someTied.scores, someTied.labels)).toBeCloseTo(2 / 4, 12);
  expect(averagePrecision(allTied.scores, allTied.labels, { ties: "rank" })).toBeCloseTo(0.325, 6);
  expect(averagePrecision(someTied.scores, someTied.labels, { ties: "rank" })).toBeCloseTo(0.416667, 6);
});

test("the tie interval is the worst and the best order", () => {
  // All tied: negatives first gives ranks 4 and 5, positives first ranks 1 and 2.
  expect(averagePrecisionInterval(allTied.scores, allTied.labels)).toEqual({
    worst: (1 / 4 + 2 / 5) / 2,
    grouped: 2 / 5,
    best: 1,
    tiedShare: 1,
  });
  const some = averagePrecisionInterval(someTied.scores, someTied.labels);
  expect(some.worst).toBeCloseTo((1 / 3 + 2 / 4) / 2, 12);
  expect(some.best).toBeCloseTo((1 / 2 + 2 / 3) / 2, 12);
  const none = averagePrecisionInterval(distinct.scores, distinct.labels);
  expect([none.worst, none.best, none.tiedShare]).toEqual([none.grouped, none.grouped, 0]);
});

test("un-annotated entries do not count", () => {
  expect(averagePrecision([0.9, 0.95, 0.8, 0.7], [1, -1, 0, 1])).toBe(averagePrecision([9, 8, 7], [1, 0, 1]));
});

test("no positive: AP is 0, an interval is refused", () => {
  expect(averagePrecision([0.1, 0.2], [0, 0])).toBe(0);
  expect(averagePrecision([0.1, 0.2], [-1, -1])).toBe(0);
  expect(() => averagePrecisionInterval([0.1], [0])).toThrow("expected at least one positive label");
});

test("wide scores keep an order that float32 would lose; infinities and both zeros rank", () => {
  const close = [0.1, 0.1 + 1e-12, 0.1 - 1e-12];
  expect(averagePrecision(close, [0, 1, 0])).toBe(1);
  expect(averagePrecision(Float64Array.from(close), [0, 0, 1])).toBeCloseTo(1 / 3, 12);
  const infinite = Float32Array.from([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY, -5]);
  expect(averagePrecision(infinite, [0, 0, 1, 0])).toBe(1);
  expect(averagePrecision(infinite, [1, 0, 0, 0])).toBe(1 / 4);
  expect(averagePrecision(Float32Array.from([-0, 0]), [1, 0])).toBe(1 / 2);
  expect(averagePrecision([-0, 0], [1, 0])).toBe(1 / 2);
});

test("more positives than buckets", () => {
  // 200,000 distinct scores; every third is positive. Rank i + 1 has seen floor(i / 3) + 1 positives.
  const n = 200_000;
  const scores = Float32Array.from({ length: n }, (_, i) => n - i);
  const labels = Int8Array.from({ length: n }, (_, i) => (i % 3 === 0 ? 1 : 0));
  let sum = 0;
  let positives = 0;
  for (let i = 0; i < n; i += 3) sum += ++positives / (i + 1);
  expect(averagePrecision(scores, labels)).toBeCloseTo(sum / positives, 10);
});

test("bad input is named", () => {
  expect(() => averagePrecision([0.1, Number.NaN], [1, 0])).toThrow(
    "averagePrecision: expected scores that can be ranked, got NaN at position 1.",
  );
  expect(() => averagePrecision(Float32Array.from([Number.NaN, 0.1]), [1, 0])).toThrow(
    "got NaN at position 0",
  );
  expect(() => averagePrecision(Float32Array.from([0.1, -Number.NaN]), [1, -1])).toThrow("NaN at position 1");
  expect(() => averagePrecision([0.1, 0.2], [1, 0.5])).toThrow("got 0.5 at position 1");
  expect(() => averagePrecision([0.1, 0.2], Int8Array.from([2, 0]))).toThrow("got 2 at position 0");
  expect(() => averagePrecision([0.1, 0.2], [257, 0])).toThrow("got 257 at position 0");
  expect(() => averagePrecision([0.1, 0.2], [1])).toThrow("expected as many labels as scores (2), got 1");
  expect(() => averagePrecision([], [])).toThrow("got 0");
  expect(() => averagePrecision([1], [1], { ties: "random" as "rank" })).toThrow(
    'averagePrecision: expected ties to be "grouped" or "rank", got "random"',
  );
});

test("int64 arrays count as the numbers that they hold", () => {
  const scores = Float32Array.of(0.1, 0.9, 0.3, 0.4);
  const expected = averagePrecision(scores, Int8Array.of(1, 0, -1, 1));
  const labels = BigInt64Array.of(1n, 0n, -1n, 1n) as unknown as Int8Array;
  expect(averagePrecision(scores, labels)).toBe(expected);
  expect(averagePrecision(BigInt64Array.of(1n, 9n, 3n, 4n) as unknown as Int8Array, labels)).toBe(expected);
});
