import { emptyLike, type Image } from "../image.js";
import { imageStep } from "../kernels/image-step.js";

/** What RandAugment paints where the source lies outside the image. */
export const FILL = 128;

/**
 * Pillow's `transform(size, AFFINE, (1, amount, 0, 0, 1, 0), BICUBIC, fillcolor=grey)`: output (x, y) takes the
 * source column x + amount * y (pixel centres). The general filter is 4x4; here y is whole, so that its four
 * rows collapse to one, exactly.
 */
export function shearX(image: Image, amount: number): Image {
  const { width, height } = image;
  return (
    imageStep(image, (kernels, from, to) => kernels.shearX(from, to, width, height, amount)) ??
    shearXPlain(image, amount)
  );
}

function shearXPlain(image: Image, amount: number): Image {
  const out = emptyLike(image);
  const { width, height } = image;
  for (let y = 0; y < height; y++) {
    const shift = amount * (y + 0.5);
    const row = y * width * 3;
    for (let x = 0; x < width; x++) {
      cubicPixel(image.data, row, 3, width, x + 0.5 + shift, out.data, row + x * 3);
    }
  }
  return out;
}

/** As `shearX` with AFFINE (1, 0, 0, amount, 1, 0): the source row is y + amount * x. */
export function shearY(image: Image, amount: number): Image {
  const { width, height } = image;
  return (
    imageStep(image, (kernels, from, to) => kernels.shearY(from, to, width, height, amount)) ??
    shearYPlain(image, amount)
  );
}

function shearYPlain(image: Image, amount: number): Image {
  const out = emptyLike(image);
  const { width, height } = image;
  const stride = width * 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = amount * (x + 0.5) + (y + 0.5);
      cubicPixel(image.data, x * 3, stride, height, at, out.data, y * stride + x * 3);
    }
  }
  return out;
}

/**
 * One pixel at position `at` (centres at .5) of a line of `length` pixels, `step` samples apart, starting at
 * sample `line`; taps outside are the edge pixel, a position outside gives the fill. (Geometry.c, BICUBIC)
 */
function cubicPixel(
  data: Uint8Array,
  line: number,
  step: number,
  length: number,
  at: number,
  out: Uint8Array,
  o: number,
): void {
  if (at < 0 || at >= length) {
    out[o] = out[o + 1] = out[o + 2] = FILL;
    return;
  }
  const centred = at - 0.5;
  const second = Math.floor(centred);
  const d = centred - second;
  const last = length - 1;
  const i0 = line + Math.max(second - 1, 0) * step;
  const i1 = line + Math.max(second, 0) * step;
  const i2 = line + Math.min(second + 1, last) * step;
  const i3 = line + Math.min(second + 2, last) * step;
  out[o] = cubicSample(data[i0]!, data[i1]!, data[i2]!, data[i3]!, d);
  out[o + 1] = cubicSample(data[i0 + 1]!, data[i1 + 1]!, data[i2 + 1]!, data[i3 + 1]!, d);
  out[o + 2] = cubicSample(data[i0 + 2]!, data[i1 + 2]!, data[i2 + 2]!, data[i3 + 2]!, d);
}

/** The cubic of Pillow's transforms (a = -1, unlike its resize), clipped; the store into bytes truncates as C does. */
function cubicSample(v1: number, v2: number, v3: number, v4: number, d: number): number {
  const p2 = v3 - v1;
  const p3 = 2 * (v1 - v2) + v3 - v4;
  const p4 = v2 - v1 + v4 - v3;
  const value = v2 + d * (p2 + d * (p3 + d * p4));
  return Math.min(Math.max(value, 0), 255);
}
