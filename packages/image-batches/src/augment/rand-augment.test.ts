import { mulberry32 } from "@csl/internal/random/mulberry32";
import { describe, expect, it } from "vitest";
import type { Image } from "../image.js";
import { cutout } from "./cutout.js";
import { randAugment } from "./rand-augment.js";
import { randAugmentOps } from "./rand-augment-ops.js";

const noise = (width: number, height: number): Image => {
  const random = mulberry32(1);
  return { data: Uint8Array.from({ length: width * height * 3 }, () => random() * 256), width, height };
};

// What each operation does is in pillow.test.ts.
describe("randAugment", () => {
  it("has the reference's magnitudes (facts: the table of randaugment 1.0.2)", () => {
    const { posterize, cutout: box, rotate, solarize, shearX, translateY, color } = randAugmentOps;
    expect(posterize.amounts).toEqual([8, 8, 7, 7, 6, 6, 5, 5, 4, 4]);
    expect(box.amounts).toEqual([0, 2, 4, 7, 9, 11, 13, 16, 18, 20]);
    expect(rotate.amounts.map((v) => v.toFixed(2)).join(" ")).toBe(
      "0.00 3.33 6.67 10.00 13.33 16.67 20.00 23.33 26.67 30.00",
    );
    expect([solarize.amounts[1]!.toFixed(1), solarize.amounts[9]]).toEqual(["227.6", 0]);
    expect([shearX.amounts[9], translateY.amounts[9], color.amounts[9]]).toEqual([0.3, 150 / 331, 0.9]);
  });

  it("applies each of two drawn operations with probability 1/2", () => {
    const image = noise(8, 8);
    const random = mulberry32(3);
    const runs = 4000;
    let untouched = 0;
    for (let i = 0; i < runs; i++) if (randAugment(image, { random }) === image) untouched++;
    // Binomial(4000, 1/4): mean 1000, standard deviation 27.4; four of them.
    expect(Math.abs(untouched - runs / 4)).toBeLessThan(110);
  });

  it("never touches the given image and keeps its size", () => {
    const image = noise(13, 7);
    const before = image.data.slice();
    const random = mulberry32(4);
    for (let i = 0; i < 300; i++) {
      const out = randAugment(cutout(image, { random }), { random, probability: 1, count: 3 });
      expect([out.width, out.height, out.data.length]).toEqual([13, 7, 273]);
    }
    expect(image.data).toEqual(before);
  });

  it.each([
    { magnitude: 0 },
    { magnitude: 10 },
    { count: -1 },
    { probability: 2 },
    { probability: Number.NaN },
  ])("refuses %j", (options) => {
    expect(() => randAugment(noise(2, 2), { random: mulberry32(1), ...options })).toThrow(
      "randAugment: expected",
    );
  });
});

describe("cutout", () => {
  it("covers one pixel more than half of the side, as PIL's rectangle does", () => {
    // Centre in the middle, colour 255: draws of row, column, red, green, blue.
    const draws = [0.5, 0.5, 0.999, 0.999, 0.999];
    const black = { data: new Uint8Array(448 * 448 * 3), width: 448, height: 448 };
    const { data } = cutout(black, { random: () => draws.shift()! });
    expect(data.filter((level) => level === 255).length).toBe(225 * 225 * 3);
  });

  it.each([0, -0.5, 1.01, Number.NaN])("refuses a share of %d", (share) => {
    expect(() => cutout(noise(2, 2), { random: mulberry32(1), share })).toThrow("cutout: expected a share");
  });
});
