import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Random } from "@csl/internal/random/mulberry32";
import { assertImage, type Image } from "../image.js";
import { type AugmentOp, randAugmentOps } from "./rand-augment-ops.js";
import { randomBelow } from "./random-below.js";

export type RandAugmentOptions = {
  /** Numbers in [0, 1). */
  random: Random;
  /** Operations drawn per image (with replacement). Default 2, as the reference. */
  count?: number;
  /** A fixed magnitude 1..9 for all of them; default: drawn uniformly from 1..9 for each, as the reference. */
  magnitude?: number;
  /** Probability that a drawn operation is applied. Default 0.5, as the reference. */
  probability?: number;
};

const ops: readonly AugmentOp[] = Object.values(randAugmentOps);

/**
 * RandAugment as the reference applies it (PyPI `randaugment` 1.0.2): two draws from the 15 operations, each
 * with a magnitude of 1..9 and applied with probability 0.5, in order. With `count`, `magnitude` and
 * `probability: 1` it is the paper's RandAugment(n, m) over these operations and ranges.
 *
 * @returns a new image, or the given one when nothing was applied
 */
export function randAugment(image: Image, options: RandAugmentOptions): Image {
  checkOptions("randAugment", options, { random: true, count: true, magnitude: true, probability: true });
  const { random, count = 2, magnitude, probability = 0.5 } = options;
  assertImage("randAugment", image);
  if (magnitude !== undefined && !(Number.isInteger(magnitude) && magnitude >= 1 && magnitude <= 9)) {
    throw new CslError("invalid-argument", `randAugment: expected a magnitude of 1..9, got ${magnitude}.`);
  }
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new CslError(
      "invalid-argument",
      `randAugment: expected a count of 0 or more operations, got ${count}.`,
    );
  }
  if (!(probability >= 0 && probability <= 1)) {
    throw new CslError(
      "invalid-argument",
      `randAugment: expected a probability of 0..1, got ${probability}.`,
    );
  }
  // The policy is drawn whole before anything is applied, as in the reference.
  const policy = Array.from({ length: count }, () => ({
    op: ops[randomBelow(random, ops.length)]!,
    level: magnitude ?? 1 + randomBelow(random, 9),
  }));
  let result = image;
  for (const { op, level } of policy) {
    if (random() >= probability) continue;
    const sign = op.signed && random() < 0.5 ? -1 : 1;
    result = op.apply(result, op.amounts[level]! * sign, random);
  }
  return result;
}
