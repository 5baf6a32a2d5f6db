import { expect, test } from "vitest";
import { topClasses } from "./prior.js";
import { rankCorrelation } from "./rank-correlation.js";

test("1 for any rising map, -1 for any falling one", () => {
  const x = [0.1, 3, 2, 50];
  expect(rankCorrelation(x, x.map(Math.exp))).toBe(1);
  expect(
    rankCorrelation(
      x,
      x.map((v) => -v),
    ),
  ).toBe(-1);
});

test("without ties it is 1 - 6Σd²/(n(n²-1))", () => {
  // ranks 1 2 3 4 5 against 2 1 4 3 5: Σd² = 4, so 1 - 24/120
  expect(rankCorrelation([1, 2, 3, 4, 5], [20, 10, 40, 30, 50])).toBeCloseTo(0.8, 12);
});

test("ties take their average rank", () => {
  // ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 · 5) (scipy.stats.spearmanr: 0.9486832980505138)
  expect(rankCorrelation([1, 2, 2, 3], Float32Array.of(1, 2, 3, 4))).toBeCloseTo(0.9486832980505138, 12);
});

test("refuses what has no correlation", () => {
  expect(() => rankCorrelation([1, 2], [1, 2, 3])).toThrow("got 2 and 3");
  expect(() => rankCorrelation([1, 1], [1, 2])).toThrow("constant list of 2");
  expect(() => rankCorrelation([1, Number.NaN], [1, 2])).toThrow("NaN at 1");
});

test("topClasses sorts by value, ties in the order of the ids", () => {
  const prior = { ids: ["a", "b", "c"], names: ["A", "B", "C"], values: Float32Array.of(0.25, 0.5, 0.5) };
  expect(topClasses(prior, 2)).toEqual([
    { id: "b", name: "B", value: 0.5 },
    { id: "c", name: "C", value: 0.5 },
  ]);
  expect(topClasses({ ids: ["a"], values: Float32Array.of(1) }, 9)).toEqual([{ id: "a", value: 1 }]);
  expect(() => topClasses(prior, -1)).toThrow("whole number >= 0, got -1");
});
