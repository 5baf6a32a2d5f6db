import type { Image } from "../image.js";
import { imageStep, measureStep } from "../kernels/image-step.js";
import { blend, blendWithLevel } from "./blend.js";
import { grey } from "./grey.js";
import { smooth } from "./smooth.js";

// PIL.ImageEnhance: factor 1 is the image, 0 its degenerate form, above 1 goes beyond the image.

/** ImageEnhance.Color: 0 is grey. */
export function color(image: Image, factor: number): Image {
  const { width, height } = image;
  return (
    imageStep(image, (kernels, from, to) => {
      kernels.toGrey(from, to, width * height);
      kernels.blend(to, from, width * height * 3, factor);
    }) ?? colorPlain(image, factor)
  );
}

function colorPlain(image: Image, factor: number): Image {
  const luma = grey(image);
  const degenerate = new Uint8Array(image.data.length);
  for (let pixel = 0, o = 0; pixel < luma.length; pixel++, o += 3) {
    degenerate[o] = degenerate[o + 1] = degenerate[o + 2] = luma[pixel]!;
  }
  return blend(degenerate, image, factor);
}

/** ImageEnhance.Contrast: 0 is the mean luma, rounded half up. */
export function contrast(image: Image, factor: number): Image {
  const pixels = image.width * image.height;
  const sum =
    measureStep(image, 0, (kernels, from) => kernels.run.sumLuma(from, pixels)) ??
    grey(image).reduce((total, luma) => total + luma, 0);
  return blendWithLevel(Math.trunc(sum / pixels + 0.5), image, factor);
}

/** ImageEnhance.Brightness: 0 is black. */
export function brightness(image: Image, factor: number): Image {
  return blendWithLevel(0, image, factor);
}

/** ImageEnhance.Sharpness: 0 is PIL.ImageFilter.SMOOTH of the image, 2 sharpens. */
export function sharpness(image: Image, factor: number): Image {
  const { width, height } = image;
  return (
    imageStep(image, (kernels, from, to) => {
      kernels.smooth(from, to, width, height);
      kernels.blend(to, from, width * height * 3, factor);
    }) ?? blend(smooth(image), image, factor)
  );
}
