import type { Random } from "@csl/internal/random/mulberry32";
import type { Image } from "../image.js";
import { randomBelow } from "../random-below.js";
import { fillRectangle } from "./fill-rectangle.js";

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
