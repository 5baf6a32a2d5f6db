import type { Image } from "../image.js";

/** A new picture with the pixels of columns [left, right) and rows [top, bottom) in one colour. */
export function fillRectangle(
  { data, width, height }: Image,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
  [red, green, blue]: readonly [number, number, number],
): Image {
  const out = data.slice();
  for (let y = Math.max(top, 0); y < Math.min(bottom, height); y++) {
    for (let x = Math.max(left, 0); x < Math.min(right, width); x++) {
      const o = (y * width + x) * 3;
      out[o] = red;
      out[o + 1] = green;
      out[o + 2] = blue;
    }
  }
  return { data: out, width, height };
}
