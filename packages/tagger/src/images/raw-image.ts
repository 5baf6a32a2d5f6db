import { CslError } from "@csl/internal/errors/csl-error";
import { resample } from "@csl/internal/images/resample";

/** Samples of 8 bits, row by row: RGB, or RGBA as in ImageData. Alpha is dropped. */
export interface RawImage {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** Whether a value is meant as one. */
export function isRawImage(value: unknown): value is RawImage {
  return (
    typeof value === "object" && value !== null && "data" in value && "width" in value && "height" in value
  );
}

/** @throws CslError `invalid-argument` when the number of samples is not that of the size. */
export function rgbOf({ data, width, height }: RawImage): {
  data: Uint8Array;
  width: number;
  height: number;
} {
  const pixels = width * height;
  const samples = data instanceof Uint8Array || data instanceof Uint8ClampedArray ? data.length / pixels : 0;
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isSize || (samples !== 3 && samples !== 4))
    throw new CslError(
      "invalid-argument",
      `tag: expected 3 or 4 samples of 8 bits for each of ${width} x ${height} pixels, got ${data?.length} of ${data?.constructor?.name}.`,
    );
  if (samples === 3)
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
  const rgb = new Uint8Array(pixels * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from]!;
    rgb[to + 1] = data[from + 1]!;
    rgb[to + 2] = data[from + 2]!;
  }
  return { data: rgb, width, height };
}

/** Squashed to a square as in training: the triangle filter, exactly as Pillow's. */
export function squash(image: RawImage, size: number): Uint8Array {
  return resample(rgbOf(image), { width: size, height: size, filter: "bilinear" });
}

/** @throws CslError `invalid-file` for an image of more pixels. */
export function requirePixels(width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new CslError(
    "invalid-file",
    `tag: expected an image of at most ${maxPixels.toLocaleString("en")} pixels, got ${width} x ${height}. Make it smaller, or raise maxPixels.`,
  );
}

/** Where Pillow, and so the training, refuses an image as a decompression bomb. */
export const MAX_PIXELS = 178_956_970;
