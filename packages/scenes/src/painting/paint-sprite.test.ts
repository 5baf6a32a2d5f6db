import { describe, expect, it } from "vitest";
import { toSprite } from "../drawings/sprite.js";
import { type Placement, paintSprite } from "./paint-sprite.js";

/** An opaque square, left half red, right half green, with a clear margin that cutting removes. */
function halves(extent = 32, margin = 5) {
  const side = extent + 2 * margin;
  const rgba = new Uint8Array(side * side * 4);
  for (let y = margin; y < margin + extent; y++) {
    for (let x = margin; x < margin + extent; x++) {
      rgba.set(x < side / 2 ? [200, 0, 0, 255] : [0, 200, 0, 255], (y * side + x) * 4);
    }
  }
  return toSprite(rgba, side, side);
}

function paint(placement: Partial<Placement>, side = 64) {
  const pixels = new Float32Array(side * side * 3).fill(50);
  const owners = new Uint8Array(side * side).fill(255);
  const at = { centreX: 32, centreY: 32, size: 16, rotation: 0, flip: false, gain: 1, ...placement };
  const owned = paintSprite(pixels, owners, side, halves(), at, 3);
  return {
    owned,
    owners,
    pixel: (x: number, y: number) => [...pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3)],
  };
}

describe("paintSprite", () => {
  it("paints exactly the given square", () => {
    const { owned, owners, pixel } = paint({});
    expect(owned).toBe(256);
    expect(owners.reduce((n, owner) => n + (owner === 3 ? 1 : 0), 0)).toBe(256);
    expect(pixel(26, 32)).toEqual([200, 0, 0]);
    expect(pixel(37, 32)).toEqual([0, 200, 0]);
    expect(pixel(10, 32)).toEqual([50, 50, 50]);
  });

  it.each([8, 16, 24, 48])("owns about size² pixels at size %i, on any mip level", (size) => {
    expect(paint({ size, rotation: 0.2 }).owned / size ** 2).toBeCloseTo(1, 1);
  });

  it("mirrors, brightens and turns clockwise", () => {
    expect(paint({ flip: true }).pixel(26, 32)).toEqual([0, 200, 0]);
    expect(paint({ gain: 0.5 }).pixel(26, 32)).toEqual([100, 0, 0]);
    // A quarter turn clockwise brings the left half to the top.
    expect(paint({ rotation: Math.PI / 2 }).pixel(32, 26)[0]).toBeCloseTo(200, 3);
  });

  it("does not write beyond the canvas", () => {
    expect(paint({ centreX: 0, centreY: 64 }).owned).toBe(64);
  });
});
