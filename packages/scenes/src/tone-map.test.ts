import { expect, it } from "vitest";
import { toneMap } from "./tone-map.js";

it("maps the mean to 158 and white at 2.86 / 0.35 of it", () => {
  // Uniform light: exposure makes it 0.35; 0.35 / 1.35 * 1.35 = 0.35; 255 * 0.35^(1/2.2) = 158.2.
  expect([...toneMap({ width: 2, height: 1, data: new Float32Array(6).fill(7 / 3) })]).toEqual(
    new Array(6).fill(158),
  );
});

it("clips highlights to 255 and negatives to 0, and does not let one texel darken the rest", () => {
  const data = new Float32Array(300).fill(1);
  data.set([29_888, 29_888, 29_888, -31, -31, -31]);
  const bytes = toneMap({ width: 100, height: 1, data });
  expect([...bytes.subarray(0, 6)]).toEqual([255, 255, 255, 0, 0, 0]);
  // Mean (98 + 4 - 31) / 100 = 0.71: light 0.35 / 0.71 = 0.493, shown as 255 * (0.3302 * 1.35)^(1/2.2) = 176.6.
  expect(bytes[30]).toBe(176);
});
