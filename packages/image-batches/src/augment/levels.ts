import type { Image } from "../image.js";
import { imageStep } from "../kernels/image-step.js";
import { histograms, levelTable, mapLevels } from "./map-levels.js";

/** PIL.ImageOps.invert: 255 - v. */
export function invert(image: Image): Image {
  return invertAbove(image, 0, 255);
}

/** PIL.ImageOps.posterize: keeps the top `bits` bits of each sample. */
export function posterize(image: Image, bits: number): Image {
  return invertAbove(image, 256, 256 - 2 ** (8 - bits));
}

/** PIL.ImageOps.solarize: inverts the levels at and above `threshold` (which may be fractional). */
export function solarize(image: Image, threshold: number): Image {
  return invertAbove(image, Math.min(Math.max(Math.ceil(threshold), 0), 256), 255);
}

/** Inverts the levels of at least `threshold`, then keeps the bits of `mask`. */
function invertAbove(image: Image, threshold: number, mask: number): Image {
  const count = image.data.length;
  return (
    imageStep(image, (kernels, from, to) => kernels.invertAbove(from, to, count, threshold, mask)) ??
    mapLevels(
      image,
      levelTable((level) => (level < threshold ? level : 255 - level) & mask),
    )
  );
}

/** PIL.ImageOps.autocontrast without cutoff: stretches each channel from its darkest..lightest to 0..255. */
export function autoContrast(image: Image): Image {
  return mapLevels(image, histograms(image).map(stretch));
}

function stretch(histogram: Uint32Array): Uint8Array {
  const low = histogram.findIndex((count) => count > 0);
  const high = histogram.findLastIndex((count) => count > 0);
  if (high <= low) return levelTable((level) => level);
  const scale = 255 / (high - low);
  const offset = -low * scale;
  return levelTable((level) => Math.min(Math.max(Math.trunc(level * scale + offset), 0), 255));
}

/** PIL.ImageOps.equalize: a table per channel that makes its cumulative histogram linear. */
export function equalize(image: Image): Image {
  return mapLevels(image, histograms(image).map(flatten));
}

function flatten(histogram: Uint32Array): Uint8Array {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  // Pillow leaves the highest occupied level out of the step; a single level then gives step 0.
  const highest = histogram.findLast((count) => count > 0)!;
  const step = Math.floor((total - highest) / 255);
  if (step === 0) return levelTable((level) => level);
  let below = Math.floor(step / 2);
  return levelTable((level) => {
    // Rounding the step down can carry the last levels past 255, where Pillow's tables clip.
    const value = Math.min(Math.floor(below / step), 255);
    below += histogram[level]!;
    return value;
  });
}
