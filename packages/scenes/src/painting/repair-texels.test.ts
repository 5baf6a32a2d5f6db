import { describe, expect, it } from "vitest";
import { badTexels, type RadianceMap, repairTexels } from "./repair-texels.js";

/** Grey map whose texel (x, y) is 1 + x + 10 y, with some texels replaced. */
function mapWith(
  replaced: Record<string, [number, number, number]>,
  { width = 6, height = 5 } = {},
): RadianceMap {
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set(replaced[`${x},${y}`] ?? new Array(3).fill(1 + x + 10 * y), (y * width + x) * 3);
  }
  return { width, height, data };
}
const texel = (map: RadianceMap, x: number, y: number): number[] => [
  ...map.data.subarray((y * map.width + x) * 3, (y * map.width + x) * 3 + 3),
];

describe("repairTexels", () => {
  it("replaces a negative texel by the median of its eight neighbours", () => {
    const map = mapWith({ "2,2": [5, -0.5, 5] });
    // Neighbours 12 13 14 | 22 24 | 32 33 34: the upper of the two middle ones is 24.
    expect(texel(repairTexels(map), 2, 2)).toEqual([24, 24, 24]);
    expect(texel(repairTexels(map), 1, 1)).toEqual([12, 12, 12]);
  });

  it("knows a broken sun by its colour: very bright in one channel, dark in another", () => {
    const map = mapWith({ "1,1": [0, 0, 15000], "3,1": [9000, 9000, 8000] });
    expect([...badTexels(map)].flatMap((bad, i) => (bad ? [i] : []))).toEqual([7]);
  });

  it("takes a texel as bad when five of its neighbours are", () => {
    const ring: Record<string, [number, number, number]> = {};
    for (const at of ["1,1", "2,1", "3,1", "1,2", "3,2"]) ring[at] = [-1, -1, -1];
    expect(badTexels(mapWith(ring))[2 * 6 + 2]).toBe(1);
    delete ring["3,2"];
    expect(badTexels(mapWith(ring))[2 * 6 + 2]).toBe(0);
  });

  it("wraps around: the neighbour of the last column is the first", () => {
    const map = mapWith({ "5,2": [-1, -1, -1] });
    // Neighbours 15 25 35 (column 4) and 11 21 31 (column 0), 16 and 36 (column 5): sorted, the fifth of 8 is 25.
    expect(texel(repairTexels(map), 5, 2)).toEqual([25, 25, 25]);
  });
});
