import { expect, test } from "vitest";
import { mulberry32 } from "./mulberry32.js";
import { shuffledIndices } from "./shuffled-indices.js";

test("is a permutation, the same for the same seed", () => {
  const order = shuffledIndices(1000, mulberry32(5));
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(shuffledIndices(1000, mulberry32(5))).toEqual(order);
  expect(shuffledIndices(1000, mulberry32(6))).not.toEqual(order);
});

test("all 6 orders of 3 come up equally often", () => {
  const random = mulberry32(1);
  const seen = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const key = shuffledIndices(3, random).join("");
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  // sd = sqrt(12000 * 1/6 * 5/6) = 41
  for (const count of seen.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * 41);
});

test("nothing to shuffle", () => {
  expect(shuffledIndices(0, mulberry32(1))).toEqual(new Uint32Array(0));
});

test.each([-1, 2.5, Number.NaN])("%d things cannot be shuffled", (n) => {
  expect(() => shuffledIndices(n, mulberry32(1))).toThrow("shuffledIndices: expected a whole number");
});
