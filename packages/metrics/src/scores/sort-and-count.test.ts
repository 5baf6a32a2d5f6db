import fc from "fast-check";
import { expect, test } from "vitest";
import { orderedKey } from "./label-matrix.js";
import { radixSort } from "./sort-and-count.js";

test("sorts signed keys of any length", () => {
  const keys = fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 800 });
  fc.assert(
    fc.property(keys, (values) => {
      const sorted = radixSort(Int32Array.from(values), values.length, new Int32Array(values.length));
      expect(Array.from(sorted)).toEqual([...values].sort((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});

test("keys order as their floats do, and the zeros are one", () => {
  const bits = new Int32Array(1);
  const float = new Float32Array(bits.buffer);
  const key = (value: number) => {
    float[0] = value;
    return orderedKey(bits[0]!);
  };
  const rising = [
    Number.NEGATIVE_INFINITY,
    -3.4e38,
    -1,
    -1e-45,
    0,
    1e-45,
    1e-38,
    0.5,
    1,
    Number.POSITIVE_INFINITY,
  ];
  rising.slice(1).forEach((value, i) => {
    expect(key(value)).toBeGreaterThan(key(rising[i]!));
  });
  expect(key(-0)).toBe(key(0));
});
