import { expect, it } from "vitest";
import { toFloat16 } from "./float16.js";

// IEEE 754 binary16: 5 bits of exponent with bias 15, 10 bits of mantissa.
it.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65_504, 0x7bff],
  [1 + 2 ** -10, 0x3c01],
  [1 + 2 ** -11, 0x3c00], // half way: to even
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 - 2 ** -12, 0x4000], // the carry
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -26, 0x0400], // up into the normal numbers
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1.5 * 2 ** -25, 0x0001],
  [1e-30, 0x0000],
])("%d is %i", (value, bits) => {
  expect(toFloat16(Float32Array.of(value), "x")[0]).toBe(bits);
});

it("refuses what is beyond its range", () => {
  expect(() => toFloat16(Float32Array.of(65_520), "w")).toThrow(/in w/);
});
