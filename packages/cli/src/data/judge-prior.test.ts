import { expect, it } from "vitest";
import { judgePrior, warnAllAbove } from "./judge-prior.js";

const positives = Uint32Array.of(500, 300, 200, 100, 50, 20);
const values = (...list: number[]) => ({ values: Float32Array.from(list) });

it("a prior in the order of the annotated positives is useful", () => {
  expect(judgePrior(values(0.5, 0.3, 0.2, 0.1, 0.05, 0.02), positives)).toBeUndefined();
});

it("one in another order, or the same for all, is told", () => {
  // Spearman of the reversed order is -1.
  expect(judgePrior(values(0.02, 0.05, 0.1, 0.2, 0.3, 0.5), positives)).toMatch(
    /little.*rank correlation.* -1\.00/,
  );
  expect(judgePrior(values(0.3, 0.02, 0.1, 0.5, 0.05, 0.2), positives)).toMatch(/says little/);
  expect(judgePrior(values(0.5, 0.5, 0.5, 0.5, 0.5, 0.5), positives)).toMatch(
    /the prior is 0\.500 for every class/,
  );
});

it("says nothing where nothing can be compared: few classes, or equally many positives", () => {
  expect(judgePrior(values(0.1, 0.5), Uint32Array.of(9, 1))).toBeUndefined();
  expect(judgePrior(values(0.6, 0.5, 0.4, 0.3, 0.2, 0.1), new Uint32Array(6).fill(100))).toBeUndefined();
});

it("a threshold below every class is told, with one that leaves a quarter", () => {
  const prior = values(0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2);
  expect(warnAllAbove(prior, 0.05)).toMatch(
    /all 8 classes is above 0\.05.*Raise --prior-threshold: 0\.7 leaves 2 of 8/,
  );
  expect(warnAllAbove(prior, 0.3)).toBeUndefined();
});
