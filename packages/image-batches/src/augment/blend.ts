import { emptyLike, type Image } from "../image.js";

/**
 * PIL.Image.blend(degenerate, image, factor): degenerate + factor * (image - degenerate), in float32 and
 * truncated; clipped where the factor extrapolates. (libImaging/Blend.c)
 *
 * @param degenerate the samples that factor 0 gives, [height * width * 3], or one level for all of them
 */
export function blend(degenerate: Uint8Array | number, image: Image, factor: number): Image {
  const out = emptyLike(image);
  const from = image.data;
  const to = new Uint8ClampedArray(out.data.buffer);
  const alpha = Math.fround(factor);
  const whole = typeof degenerate === "number";
  const base = whole ? image.data : degenerate;
  for (let i = 0; i < from.length; i++) {
    const zero = whole ? degenerate : base[i]!;
    const value = Math.fround(zero + Math.fround(alpha * (from[i]! - zero)));
    // Pillow truncates towards zero and a clamped array rounds: so truncate first, then let it clip.
    to[i] = Math.trunc(value);
  }
  return out;
}
