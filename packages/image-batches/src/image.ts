import { CslError } from "@csl/internal/errors/csl-error";
import { threadKernels } from "./kernels/kernels.js";

/** A decoded image: RGB samples of 8 bits, row by row, three per pixel. */
export type Image = {
  /** length = width * height * 3 */
  data: Uint8Array;
  width: number;
  height: number;
};

/**
 * Throws unless `image` is an image of at least one pixel whose data has width * height * 3 samples.
 * Every public function of this package calls it once; the inner ones trust their input.
 */
export function assertImage(speaker: string, image: Image): void {
  const { data, width, height } = image;
  if (!isSide(width) || !isSide(height)) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected an image of at least 1x1, got ${width}x${height}.`,
    );
  }
  // JavaScript gives other arrays, too, and a pixel of theirs would be cut to 8 bits without a word.
  const given: unknown = data;
  if (!(given instanceof Uint8Array || given instanceof Uint8ClampedArray)) {
    const kind = (given as object | undefined)?.constructor?.name ?? String(given);
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected samples of 8 bits (a Uint8Array), got ${kind}. ` +
        "Bring them to whole numbers from 0 to 255 first: floats in [0, 1] times 255, 16 bits divided by 257.",
    );
  }
  if (data.length !== width * height * 3) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${width * height * 3} samples for ${width}x${height} RGB, got ${data.length}. ` +
        "Images here have three channels: drop alpha or repeat grey first.",
    );
  }
}

/** Whether `side` can be the width or height of an image in pixels. */
export function isSide(side: number): boolean {
  return Number.isInteger(side) && side >= 1;
}

/** An image of the same size as `image` with samples to be written: in the kernels' memory if `image` is there. */
export function emptyLike({ data, width, height }: Image): Image {
  const kernels = threadKernels();
  const free = kernels?.holds(data) ? kernels.freeSpace(data) : undefined;
  return { data: free ?? new Uint8Array(data.length), width, height };
}
