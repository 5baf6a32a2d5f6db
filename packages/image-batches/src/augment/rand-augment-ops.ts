import type { Random } from "@csl/internal/random/mulberry32";
import type { Image } from "../image.js";
import { smallCutout } from "./cutout.js";
import { brightness, color, contrast, sharpness } from "./enhance.js";
import { autoContrast, equalize, invert, posterize, solarize } from "./levels.js";
import { rotate } from "./rotate.js";
import { shearX, shearY } from "./shear.js";
import { translateX, translateY } from "./translate.js";

/** One operation of RandAugment. */
export type AugmentOp = {
  /** The amount at magnitude 0..9, in the unit of `apply`. */
  amounts: readonly number[];
  /** Whether the amount is negated with probability 1/2. */
  signed: boolean;
  /** A new image; only Cutout draws from `random`. */
  apply: (image: Image, amount: number, random: Random) => Image;
};

/** numpy.linspace(start, stop, 10) */
function ramp(start: number, stop: number): number[] {
  const step = (stop - start) / 9;
  return Array.from({ length: 10 }, (_, i) => (i === 9 ? stop : i * step + start));
}

const none = ramp(0, 0);
const shear = ramp(0, 0.3);
const shift = ramp(0, 150 / 331);
const strength = ramp(0, 0.9);
// None of the ten values of either ramp lies half way, so this is numpy's half-to-even as well.
const bits = ramp(8, 4).map(Math.round);
const boxes = ramp(0, 20).map(Math.round);

const unsigned = (amounts: readonly number[], apply: AugmentOp["apply"]): AugmentOp => ({
  amounts,
  signed: false,
  apply,
});
const signed = (amounts: readonly number[], apply: AugmentOp["apply"]): AugmentOp => ({
  amounts,
  signed: true,
  apply,
});

/**
 * The operations of PyPI `randaugment` 1.0.2 in its order, with its magnitude tables; every one equals the Pillow
 * call that the package makes. Amounts: shear as slope, translate as share of the side, rotate in degrees
 * counter-clockwise, posterize in bits kept, solarize as threshold, cutout in pixels, the four enhancements as
 * the change of a factor that starts at 1.
 */
export const randAugmentOps: Readonly<Record<RandAugmentOpName, AugmentOp>> = {
  invert: unsigned(none, invert),
  cutout: unsigned(boxes, smallCutout),
  sharpness: signed(strength, (image, change) => sharpness(image, 1 + change)),
  autoContrast: unsigned(none, autoContrast),
  posterize: unsigned(bits, posterize),
  shearX: signed(shear, shearX),
  translateX: signed(shift, (image, share) => translateX(image, share * image.width)),
  translateY: signed(shift, (image, share) => translateY(image, share * image.height)),
  shearY: signed(shear, shearY),
  // The reference never turns clockwise.
  rotate: unsigned(ramp(0, 30), rotate),
  equalize: unsigned(none, equalize),
  contrast: signed(strength, (image, change) => contrast(image, 1 + change)),
  color: signed(strength, (image, change) => color(image, 1 + change)),
  solarize: unsigned(ramp(256, 0), solarize),
  brightness: signed(strength, (image, change) => brightness(image, 1 + change)),
};

export type RandAugmentOpName =
  | "invert"
  | "cutout"
  | "sharpness"
  | "autoContrast"
  | "posterize"
  | "shearX"
  | "translateX"
  | "translateY"
  | "shearY"
  | "rotate"
  | "equalize"
  | "contrast"
  | "color"
  | "solarize"
  | "brightness";
