import type { Random } from "@csl/internal/random/mulberry32";
import { fillRectangle } from "./augment/fill-rectangle.js";
import { assertImage, type Image } from "./image.js";
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
export function cutout(image: Image, { random, share = 0.5 }: CutoutOptions): Image {
  assertImage("cutout", image);
  if (!(share > 0 && share <= 1)) {
    throw new RangeError(`cutout: expected a share above 0 and at most 1, got ${share}.`);
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
