import { type Filter, kernels, resampleTable } from "@csl/internal/images/resample-table";
import { describe, expect, it } from "vitest";
import type { Image } from "../image.js";
import { resize } from "./resize.js";

/** A grey image of one row. */
const row = (...levels: number[]): Image => ({
  data: Uint8Array.from(levels.flatMap((level) => [level, level, level])),
  width: levels.length,
  height: 1,
});
const levels = ({ data }: Image): number[] => Array.from(data.filter((_, i) => i % 3 === 0));
const filters = Object.keys(kernels) as Filter[];

describe("resize", () => {
  it("halves with the triangle filter by its weights", () => {
    // 4 → 2: scale 2, support 2. Output 0 has its centre at 1: taps 0, 1, 2 at distances -.5, .5, 1.5 (halved:
    // .25, .25, .75) weigh .75, .75, .25, over their sum 1.75: (0 * .75 + 100 * .75 + 200 * .25) / 1.75 = 71.4
    expect(levels(resize(row(0, 100, 200, 100), { width: 2, height: 1 }))).toEqual([71, 143]);
  });

  it("doubles with the triangle filter: quarter and three-quarter mixes, edges kept", () => {
    expect(levels(resize(row(0, 100), { width: 4, height: 1 }))).toEqual([0, 25, 75, 100]);
  });

  it("overshoots with the bicubic filter and clips at 0 and 255", () => {
    const out = levels(resize(row(0, 0, 255, 255), { width: 16, height: 1, filter: "bicubic" }));
    expect(Math.min(...out)).toBe(0);
    expect(Math.max(...out)).toBe(255);
    expect(out.slice(6, 10)).not.toContain(255);
  });

  it.each(filters)("keeps a flat image flat: the %s weights of every output sum to 1", (filter) => {
    for (const [from, to] of [
      [640, 448],
      [427, 224],
      [3, 50],
      [50, 3],
      [1, 7],
      [7, 1],
    ] as const) {
      const { weights, stride } = resampleTable(from, to, filter);
      for (let o = 0; o < to; o++) {
        const sum = weights.subarray(o * stride, (o + 1) * stride).reduce((a, b) => a + b, 0);
        // Each of the stride weights is rounded to 2^-22 on its own.
        expect(Math.abs(sum - 2 ** 22)).toBeLessThanOrEqual(stride);
      }
    }
  });

  it("returns a copy when the size does not change", () => {
    const image = row(1, 2, 3);
    const same = resize(image, { width: 3, height: 1 });
    expect(same).toEqual(image);
    expect(same.data).not.toBe(image.data);
  });

  it.each([
    [{ width: 0, height: 4 }, "got 0x4"],
    [{ width: 4, height: 2.5 }, "got 4x2.5"],
    [{ width: 4, height: 4, filter: "lanczos" as Filter }, 'got "lanczos"'],
  ])("refuses %j", (options, message) => {
    expect(() => resize(row(1, 2), options)).toThrow(message);
  });

  it("refuses data that is not width * height RGB", () => {
    const rgba = { data: new Uint8Array(16), width: 2, height: 2 };
    expect(() => resize(rgba, { width: 1, height: 1 })).toThrow("expected 12 samples for 2x2 RGB, got 16");
  });
});

it.each([
  new Float32Array(48),
  new Float64Array(48),
  new Uint16Array(48),
  new BigInt64Array(48),
  new Array<number>(48).fill(3),
])("refuses samples that are not of 8 bits in words: %o", (data) => {
  const image = { data, width: 4, height: 4 } as unknown as Image;
  expect(() => resize(image, { width: 2, height: 2 })).toThrow(
    `expected samples of 8 bits (a Uint8Array), got ${data.constructor.name}`,
  );
});
