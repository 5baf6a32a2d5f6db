import { expect, test } from "vitest";
import { firstNonFinite } from "./first-non-finite.js";

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "finds %d and its place",
  (value) => {
    expect(firstNonFinite(Float32Array.of(1, -0, value, Number.NaN))).toEqual({ index: 2, value });
  },
);

test("finds nothing among finite numbers, the largest included, nor in an empty array", () => {
  expect(firstNonFinite(Float32Array.of(3.4e38, -3.4e38, 0))).toBeUndefined();
  expect(firstNonFinite(new Float32Array())).toBeUndefined();
});
