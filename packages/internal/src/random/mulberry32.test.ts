import { expect, test } from "vitest";
import { mulberry32 } from "./mulberry32.js";

/** The same generator in arbitrary-precision integers: a second derivation, no 32-bit tricks. */
function slowMulberry32(seed: bigint): () => number {
  const m = (1n << 32n) - 1n;
  let a = seed & m;
  return () => {
    a = (a + 0x6d2b79f5n) & m;
    let t = ((a ^ (a >> 15n)) * (a | 1n)) & m;
    t = (t ^ ((t + (((t ^ (t >> 7n)) * (t | 61n)) & m)) & m)) & m;
    return Number((t ^ (t >> 14n)) & m) / 2 ** 32;
  };
}

test.each([0, 1, 42, 2 ** 32 - 1])("seed %d gives the sequence of the big-integer form", (seed) => {
  const fast = mulberry32(seed);
  const slow = slowMulberry32(BigInt(seed));
  for (let i = 0; i < 200; i++) expect(fast()).toBe(slow());
});

test("numbers are uniform in [0, 1)", () => {
  const random = mulberry32(3);
  const bins = new Array<number>(10).fill(0);
  const n = 100_000;
  for (let i = 0; i < n; i++) bins[Math.floor(random() * 10)]!++;
  // A bin is binomial with sd sqrt(n * .1 * .9) = 95; five of them is a wide margin for a fixed seed.
  for (const count of bins) expect(Math.abs(count - n / 10)).toBeLessThan(5 * 95);
});

test("a seed that is no integer is refused", () => {
  expect(() => mulberry32(1.5)).toThrow("mulberry32: expected an integer seed, got 1.5");
});
