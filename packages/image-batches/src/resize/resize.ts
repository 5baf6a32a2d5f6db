import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { resample } from "@csl/internal/images/resample";
import { type Filter, kernels } from "@csl/internal/images/resample-table";
import { assertImage, type Image, isSide } from "../image.js";
import { resampleByKernels } from "./resample-by-kernels.js";

export type ResizeOptions = {
  /** Output size in pixels. */
  width: number;
  height: number;
  /** Triangle or bicubic (a = -0.5) filter, both antialiased when shrinking. Default "bilinear". */
  filter?: Filter;
};

/**
 * Resizes exactly as Pillow's `Image.resize((width, height), BILINEAR | BICUBIC)`: no sample differs. This is
 * what `torchvision.transforms.Resize` does to a PIL image, and so what the reference trains on.
 *
 * @returns a new image, also when the size does not change
 * @throws CslError `invalid-argument` when a side is not a positive integer or the filter is unknown
 * @see Pillow, libImaging/Resample.c
 */
export function resize(image: Image, options: ResizeOptions): Image {
  checkOptions("resize", options, { width: true, height: true, filter: true });
  const { width, height, filter = "bilinear" } = options;
  assertImage("resize", image);
  if (!isSide(width) || !isSide(height)) {
    throw new CslError(
      "invalid-argument",
      `resize: expected a width and a height of at least 1 pixel, got ${width}x${height}.`,
    );
  }
  if (!Object.hasOwn(kernels, filter)) {
    throw new CslError(
      "invalid-argument",
      `resize: expected a filter of ${Object.keys(kernels).join(", ")}, got "${filter}".`,
    );
  }
  if (width === image.width && height === image.height) return { ...image, data: image.data.slice() };
  const data =
    resampleByKernels(image, { width, height, filter }) ?? resample(image, { width, height, filter });
  return { data, width, height };
}
