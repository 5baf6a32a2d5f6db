import { describe, expect, it } from "vitest";
import { panorama, panoramaNames, readRadianceMap, toneMap } from "./panorama.js";

const all = [...panoramaNames.training, ...panoramaNames.heldBack];

/** Texels that stand out black (brightest channel up to 8) among at least five lit neighbours (60 or more). */
function blackSpecks({ data, width, height }: { data: Uint8Array; width: number; height: number }): number {
  const level = (x: number, y: number): number => {
    const i = (y * width + ((x + width) % width)) * 3;
    return Math.max(data[i]!, data[i + 1]!, data[i + 2]!);
  };
  let specks = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 0; x < width; x++) {
      if (level(x, y) > 8) continue;
      let lit = 0;
      for (let v = y - 1; v <= y + 1; v++) for (let u = x - 1; u <= x + 1; u++) if (level(u, v) >= 60) lit++;
      if (lit >= 5) specks++;
    }
  }
  return specks;
}

describe("panoramas", () => {
  it("are 18, of which three are held back", () => {
    expect(all).toHaveLength(18);
    expect(panoramaNames.heldBack).toEqual(["venice", "warehouse", "workshop"]);
  });

  it.each(all)("%s has no black specks and a middling brightness", async (name) => {
    const { data, width, height } = await panorama(name);
    expect([width, height]).toEqual([512, 256]);
    expect(blackSpecks({ data, width, height })).toBe(0);
    const mean = data.reduce((sum, level) => sum + level, 0) / data.length;
    expect(mean).toBeGreaterThan(90);
    expect(mean).toBeLessThan(150);
  });

  it.each(["hall", "forest", "workshop"])("%s would have specks without the repair", async (name) => {
    const map = await readRadianceMap(name);
    expect(blackSpecks({ ...map, data: toneMap(map) })).toBeGreaterThan(100);
  });

  it.each(["park", "sunrise"])("%s has no blue block at the sun", async (name) => {
    const { data } = await panorama(name);
    let blue = 0;
    for (let i = 0; i < data.length; i += 3)
      if (data[i + 2]! > 200 && data[i]! < 60 && data[i + 1]! < 60) blue++;
    expect(blue).toBe(0);
  });
});

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
