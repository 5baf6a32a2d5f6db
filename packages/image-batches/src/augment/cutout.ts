import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Random } from "@csl/internal/random/mulberry32";
import { assertImage, emptyLike, type Image } from "../image.js";
import { randomBelow } from "./random-below.js";

export type CutoutOptions = {
  /** Numbers in [0, 1). Five are drawn: centre row, centre column, red, green, blue. */
  random: Random;
  /** Box side as a share of the image's side. Default 0.5. */
  share?: number;
};

/**
 * The reference's Cutout (its `CutoutPIL`): one box in a uniformly random colour, its centre anywhere in the
 * image. The box ends where the reference's does: PIL's rectangle includes both end points, so it is one
 * pixel wider than 2 * floor(share * side / 2), and it is clipped at the border.
 *
 * @returns a new image
 */
export function cutout(image: Image, options: CutoutOptions): Image {
  checkOptions("cutout", options, { random: true, share: true });
  const { random, share = 0.5 } = options;
  assertImage("cutout", image);
  if (!(share > 0 && share <= 1)) {
    throw new CslError("invalid-argument", `cutout: expected a share above 0 and at most 1, got ${share}.`);
  }
  const { width, height } = image;
  const centreY = randomBelow(random, height);
  const centreX = randomBelow(random, width);
  const halfHeight = Math.floor(Math.trunc(share * height + 0.5) / 2);
  const halfWidth = Math.floor(Math.trunc(share * width + 0.5) / 2);
  return fillRectangle(
    image,
    {
      left: centreX - halfWidth,
      top: centreY - halfHeight,
      right: centreX + halfWidth + 1,
      bottom: centreY + halfHeight + 1,
    },
    [randomBelow(random, 256), randomBelow(random, 256), randomBelow(random, 256)],
  );
}

/**
 * RandAugment's own Cutout: a box of 2 * floor(pixels / 2) in a fixed colour, end points exclusive. (The package
 * swaps the names of width and height; on the square images of the reference that changes nothing.)
 */
export function smallCutout(image: Image, pixels: number, random: Random): Image {
  const x = randomBelow(random, image.width);
  const y = randomBelow(random, image.height);
  const half = Math.floor(pixels / 2);
  const box = { left: x - half, top: y - half, right: x + half, bottom: y + half };
  return fillRectangle(image, box, [125, 122, 113]);
}

/** A new image with the pixels of columns [left, right) and rows [top, bottom) in one colour. */
function fillRectangle(
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
