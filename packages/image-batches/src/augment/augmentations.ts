import type { Random } from "@csl/internal/random/mulberry32";
import type { Image } from "../image.js";
import { cutout } from "./cutout.js";
import { randAugment } from "./rand-augment.js";

/**
 * What can happen to an image between resize and batch. A name, not a function, is what travels to a worker:
 * to add one, add a line here.
 */
export const augmentations: Readonly<Record<"none" | "reference", (image: Image, random: Random) => Image>> =
  {
    none: (image) => image,
    /** The reference's training transform after its resize: Cutout, then RandAugment. */
    reference: (image, random) => randAugment(cutout(image, { random }), { random }),
  };

export type Augmentation = keyof typeof augmentations;
