import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { type NormalizedOptions, normalized } from "./normalized.js";

/** Weight of a row of ten classes with `known` annotated ones, read at an annotated entry. */
function weight(known: number, options?: NormalizedOptions): number {
  const labels = Array.from({ length: 10 }, (_, i) => (i < known ? i % 2 : -1));
  const weights = new Float32Array(10);
  normalized(options).weighValues({ logits: labels, labels, rows: 1, classes: 10 }, weights);
  expect([...weights.subarray(known)].every((w) => w === 0)).toBe(true);
  return weights[0]!;
}

test("proportion meets the paper's two points: g(0.1) = 5, g(1) = 1", () => {
  // -4.45·0.1 + 5.45 = 5.005; the paper rounds to 5
  expectAllClose([weight(1), weight(10)], [5.005, 1], { rtol: 1e-6 });
});

test("proportion takes other constants", () => {
  expectAllClose([weight(5, { slope: -2, exponent: 2, offset: 3 })], [-2 * 0.25 + 3], { rtol: 1e-6 });
});

test("reference is 1/(1 + known) + 1", () => {
  expectAllClose([weight(1, { scheme: "reference" }), weight(4, { scheme: "reference" })], [1.5, 1.2], {
    rtol: 1e-6,
  });
});

test("refuses an unknown scheme", () => {
  expect(() => normalized({ scheme: "durand" as "reference" })).toThrow(
    'scheme proportion or reference, got "durand"',
  );
});
