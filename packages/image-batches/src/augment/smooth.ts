import type { Image } from "../image.js";

/**
 * PIL.ImageFilter.SMOOTH: the 3x3 kernel (1 1 1, 1 5 1, 1 1 1) / 13, rounded; the border stays as it is.
 * Pillow sums in float32; 13 is odd, so a sum is never within 1/26 of a rounding edge and integers do the same.
 *
 * @returns [height * width * 3]
 */
export function smooth({ data, width, height }: Image): Uint8Array {
  const out = data.slice();
  const stride = width * 3;
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * stride - 3;
    for (let i = y * stride + 3; i < end; i++) {
      const above = i - stride;
      const below = i + stride;
      const ring =
        data[above - 3]! +
        data[above]! +
        data[above + 3]! +
        data[i - 3]! +
        data[i + 3]! +
        data[below - 3]! +
        data[below]! +
        data[below + 3]!;
      // round(sum / 13) = floor((2 sum + 13) / 26)
      out[i] = ((ring + 5 * data[i]!) * 2 + 13) / 26;
    }
  }
  return out;
}
