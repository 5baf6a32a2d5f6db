import { describe, expect, it } from "vitest";
import { paintBackground } from "./paint-background.js";
import type { Panorama } from "./panorama.js";

const width = 64;
const height = 32;
/** Red = column, green = row, blue = 100: what a pixel shows is where it looks. */
const ramp: Panorama = {
  name: "ramp",
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const texel = Math.floor(i / 3);
    return i % 3 === 0 ? texel % width : i % 3 === 1 ? Math.floor(texel / width) : 100;
  }),
};

function look(view: { yaw?: number; pitch?: number; fieldOfView?: number; gain?: number }, side = 33) {
  const pixels = new Float32Array(side * side * 3);
  paintBackground(pixels, side, ramp, { yaw: Math.PI, pitch: 0, fieldOfView: Math.PI / 2, gain: 1, ...view });
  return (x: number, y: number) => pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3);
}

describe("paintBackground", () => {
  it("looks along yaw at the horizon in the middle of the image", () => {
    // yaw π is half a turn: texel 32 - 0.5; the horizon is row 16 - 0.5.
    const [red, green, blue] = look({})(16, 16);
    expect(red).toBeCloseTo(31.5, 4);
    expect(green).toBeCloseTo(15.5, 4);
    expect(blue).toBeCloseTo(100, 4);
  });

  it("spans the field of view and keeps lines straight (rectilinear)", () => {
    const at = look({});
    // Pixel 32 of 33 is 16/33 right of the centre at depth 0.5: atan(32/33) = 0.7702 rad = 7.846 texels.
    expect(at(32, 16)[0]).toBeCloseTo(31.5 + (Math.atan(32 / 33) / (2 * Math.PI)) * width, 1);
    // 16/33 up at depth 0.5: the same angle, of half a turn's 32 rows.
    expect(at(16, 0)[1]).toBeCloseTo(15.5 - (Math.atan(32 / 33) / Math.PI) * height, 1);
  });

  it("tilts up with pitch and multiplies by gain", () => {
    const [, green, blue] = look({ pitch: 0.25, gain: 0.5 })(16, 16);
    expect(green).toBeCloseTo(0.5 * (15.5 - (0.25 / Math.PI) * height), 1);
    expect(blue).toBeCloseTo(50, 4);
  });

  it("joins the left and the right edge", () => {
    // yaw 0 is u = -0.5: halfway between columns 63 and 0.
    expect(look({ yaw: 0 })(16, 16)[0]).toBeCloseTo(31.5, 4);
    expect(look({ yaw: 2 * Math.PI - 1e-9 })(16, 16)[0]).toBeCloseTo(31.5, 4);
  });
});
