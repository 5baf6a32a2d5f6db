import type { Image } from "../image.js";
import { imageStep, measureStep } from "../kernels/image-step.js";
import { blend, blendWithLevel } from "./blend.js";

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

/** Pillow's `convert("L")`: ITU-R 601 luma in 16-bit fixed point, [height * width]. */
function grey({ data }: Image): Uint8Array {
  const out = new Uint8Array(data.length / 3);
  for (let o = 0, i = 0; o < out.length; o++, i += 3) {
    out[o] = (data[i]! * 19595 + data[i + 1]! * 38470 + data[i + 2]! * 7471 + 0x8000) >> 16;
  }
  return out;
}

/**
 * PIL.ImageFilter.SMOOTH: the 3x3 kernel (1 1 1, 1 5 1, 1 1 1) / 13, rounded; the border stays as it is.
 * Pillow sums in float32; 13 is odd, so a sum is never within 1/26 of a rounding edge and integers do the same.
 *
 * @returns [height * width * 3]
 */
function smooth({ data, width, height }: Image): Uint8Array {
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
