/** A linear-light RGB image (float, row-major, 3 values a texel); its left and right edges meet. */
export interface RadianceMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/**
 * Replaces the texels that a lossy HDR codec broke: negative ringing beside lamps and windows, and blocks at the
 * sun where red and green are 0 and blue is in the thousands. Tone mapped as they are, they become black, blue or
 * white specks; clamping them at 0 leaves dark outlines. Each is replaced, channel by channel, by the median of
 * the good texels in the smallest window around it that holds at least three.
 */
export function repairTexels(map: RadianceMap): RadianceMap {
  const { width, height, data } = map;
  const bad = badTexels(map);
  const repaired = Float32Array.from(data);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!bad[y * width + x]) continue;
      const good = goodTexelsAround(map, bad, x, y);
      for (let c = 0; c < 3; c++) {
        const values = good.map((texel) => data[texel * 3 + c]!).sort((a, b) => a - b);
        repaired[(y * width + x) * 3 + c] = values.length > 0 ? values[values.length >> 1]! : 0;
      }
    }
  }
  return { width, height, data: repaired };
}

/** 1 where a texel is broken by itself, or has at least five broken ones among its eight neighbours. */
export function badTexels({ width, height, data }: RadianceMap): Uint8Array {
  const broken = new Uint8Array(width * height);
  for (let i = 0; i < broken.length; i++) {
    const smallest = Math.min(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!);
    const largest = Math.max(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!);
    broken[i] = smallest < 0 || (largest > 4 && smallest < largest / 30) ? 1 : 0;
  }
  const bad = Uint8Array.from(broken);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let neighbours = -broken[y * width + x]!;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let dx = -1; dx <= 1; dx++) neighbours += broken[v * width + wrap(x + dx, width)]!;
      }
      if (neighbours >= 5) bad[y * width + x] = 1;
    }
  }
  return bad;
}

function goodTexelsAround({ width, height }: RadianceMap, bad: Uint8Array, x: number, y: number): number[] {
  let good: number[] = [];
  for (let radius = 1; radius <= 8 && good.length < 3; radius++) {
    good = [];
    for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const texel = v * width + wrap(x + dx, width);
        if (!bad[texel]) good.push(texel);
      }
    }
  }
  return good;
}

function wrap(x: number, width: number): number {
  return (x + width) % width;
}
