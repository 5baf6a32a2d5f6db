import { emptyLike, type Image } from "../image.js";
import { levelTable, mapLevels } from "./map-levels.js";

/**
 * PIL.Image.blend(degenerate, image, factor): degenerate + factor * (image - degenerate), in float32 and
 * truncated; clipped where the factor extrapolates. (libImaging/Blend.c)
 *
 * @param degenerate the samples that factor 0 gives, [height * width * 3]
 */
export function blend(degenerate: Uint8Array, image: Image, factor: number): Image {
  const out = emptyLike(image);
  const from = image.data;
  // Clamped arrays round where C truncates, so they get whole numbers and only clip.
  const to = new Uint8ClampedArray(out.data.buffer, out.data.byteOffset, out.data.length);
  const alpha = Math.fround(factor);
  for (let i = 0; i < from.length; i++) {
    const zero = degenerate[i]!;
    to[i] = Math.fround(zero + Math.fround(alpha * (from[i]! - zero))) | 0;
  }
  return out;
}

/** `blend` with a degenerate image of one level: then the result depends on the sample alone. */
export function blendWithLevel(level: number, image: Image, factor: number): Image {
  const alpha = Math.fround(factor);
  const table = levelTable((value) => {
    const blended = Math.fround(level + Math.fround(alpha * (value - level)));
    return Math.min(Math.max(Math.trunc(blended), 0), 255);
  });
  return mapLevels(image, table);
}
