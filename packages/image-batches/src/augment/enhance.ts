import type { Image } from "../image.js";
import { blend, blendWithLevel } from "./blend.js";
import { grey } from "./grey.js";
import { smooth } from "./smooth.js";

// PIL.ImageEnhance: factor 1 is the picture, 0 its degenerate form, above 1 goes beyond the picture.

/** ImageEnhance.Color: 0 is grey. */
export function color(image: Image, factor: number): Image {
  const luma = grey(image);
  const degenerate = new Uint8Array(image.data.length);
  for (let pixel = 0, o = 0; pixel < luma.length; pixel++, o += 3) {
    degenerate[o] = degenerate[o + 1] = degenerate[o + 2] = luma[pixel]!;
  }
  return blend(degenerate, image, factor);
}

/** ImageEnhance.Contrast: 0 is the mean luma, rounded half up. */
export function contrast(image: Image, factor: number): Image {
  const luma = grey(image);
  let sum = 0;
  for (let pixel = 0; pixel < luma.length; pixel++) sum += luma[pixel]!;
  return blendWithLevel(Math.trunc(sum / luma.length + 0.5), image, factor);
}

/** ImageEnhance.Brightness: 0 is black. */
export function brightness(image: Image, factor: number): Image {
  return blendWithLevel(0, image, factor);
}

/** ImageEnhance.Sharpness: 0 is PIL.ImageFilter.SMOOTH of the picture, 2 sharpens. */
export function sharpness(image: Image, factor: number): Image {
  return blend(smooth(image), image, factor);
}
