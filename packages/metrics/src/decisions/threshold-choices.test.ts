import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyClassKeys, keyToScore, scoreToKey } from "../scores/class-keys.js";
import { thresholdBelow } from "./threshold-choices.js";

const holding = (...scores: number[]) => [
  { ...emptyClassKeys(), annotated: Int32Array.from(scores, scoreToKey), numAnnotated: scores.length },
];

test("the middle to the next lower score, wherever it lies", () => {
  expect(thresholdBelow(scoreToKey(0.75), holding(0.25, 0.75, 0.5, -3))).toBe(0.625);
  expect(thresholdBelow(scoreToKey(0.5), [...holding(0.5), ...holding(-1.5)])).toBe(-0.5);
});

test("without a lower score, the float32 just below", () => {
  expect(thresholdBelow(scoreToKey(1), holding(1, 2))).toBe(1 - 2 ** -24);
  expect(thresholdBelow(scoreToKey(0), holding(0))).toBe(-(2 ** -149));
});

test("lets exactly the scores from its own up pass, infinities and neighbours included", () => {
  const score = fc.oneof(
    fc.float({ noNaN: true, min: -(2 ** 100) }),
    fc.constantFrom(Infinity, -Infinity, 0, 1, 1 - 2 ** -24, 1 + 2 ** -23, 3.4028234663852886e38),
  );
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 30 }), fc.nat(), (scores, at) => {
      const own = scores[at % scores.length]!;
      fc.pre(own !== -Infinity); // nothing is below it
      const threshold = thresholdBelow(scoreToKey(own), holding(...scores));
      expect(Number.isFinite(threshold)).toBe(true);
      expect(Math.fround(threshold)).toBe(threshold);
      for (const other of scores) expect(other > threshold).toBe(other >= own);
    }),
    { numRuns: 300 },
  );
});

test("a key gives its float32 back", () => {
  for (const score of [0, 1.5, -1.5, Infinity, -Infinity, 2 ** -149]) {
    expect(keyToScore(scoreToKey(score))).toBe(score);
  }
  expect(keyToScore(scoreToKey(-0))).toBe(0);
});
