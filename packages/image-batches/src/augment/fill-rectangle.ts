import { emptyLike, type Image } from "../image.js";

/** A new image with the pixels of columns [left, right) and rows [top, bottom) in one colour. */
export function fillRectangle(
  image: Image,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
  [red, green, blue]: readonly [number, number, number],
): Image {
  const { width, height } = image;
  const out = emptyLike(image);
  const { data } = out;
  data.set(image.data);
  const [from, to] = [Math.max(left, 0), Math.min(right, width)];
  const [first, last] = [Math.max(top, 0), Math.min(bottom, height)];
  if (from >= to || first >= last) return out;
  const start = (first * width + from) * 3;
  const end = start + (to - from) * 3;
  for (let o = start; o < end; o += 3) {
    data[o] = red;
    data[o + 1] = green;
    data[o + 2] = blue;
  }
  for (let y = first + 1; y < last; y++) data.copyWithin((y * width + from) * 3, start, end);
  return out;
}
