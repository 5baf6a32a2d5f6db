import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import type { CocoInstances } from "../coco-instances.js";

/** Chance that a class shown in an image is verified present, and that an absent one is verified absent. */
export interface AnnotatedShare {
  readonly positive: number;
  readonly negative: number;
}

/** The verified labels of one image, as positions in `categories`; everything else is un-annotated. */
export interface VerifiedImage {
  readonly imageId: number;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
  /** What a simulated machine predicts, with its confidence in tenths. */
  readonly machine: readonly (readonly [position: number, tenths: number])[];
}

/**
 * Draws which labels of a fully known split are verified. All verified labels are true. Each image has
 * its own draw from (seed, image id), so it does not depend on the others.
 */
export function verifiedLabels(
  { images, annotations, categories }: CocoInstances,
  { annotatedShare, seed }: { annotatedShare: AnnotatedShare; seed: number },
): VerifiedImage[] {
  const position = new Map(categories.map(({ id }, i) => [id, i]));
  const shown = new Map<number, Set<number>>(images.map(({ id }) => [id, new Set()]));
  for (const { image_id, category_id } of annotations) shown.get(image_id)!.add(position.get(category_id)!);
  return images.map(({ id }) => {
    const random = mulberry32(Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(id, 0x85ebca6b));
    const positives: number[] = [];
    const negatives: number[] = [];
    const machine: [number, number][] = [];
    for (let c = 0; c < categories.length; c++) {
      const u = random();
      if (shown.get(id)!.has(c)) {
        if (u < annotatedShare.positive) positives.push(c);
      } else if (u < annotatedShare.negative) negatives.push(c);
    }
    // After the verified labels, so that those are the same with and without a machine.
    for (let c = 0; c < categories.length; c++) {
      const predicted = random() < (shown.get(id)!.has(c) ? 0.5 : 0.02);
      const tenths = 4 + Math.floor(random() * 6);
      if (predicted) machine.push([c, tenths]);
    }
    return { imageId: id, positives, negatives, machine };
  });
}

/** A single number is the share of both. @throws unless the shares are in 0..1. */
export function checkShare(share: number | AnnotatedShare, speaker: string): AnnotatedShare {
  if (typeof share !== "number")
    checkOptions(`${speaker}: annotatedShare`, share, { positive: true, negative: true });
  const { positive, negative } = typeof share === "number" ? { positive: share, negative: share } : share;
  if (!(positive >= 0 && positive <= 1 && negative >= 0 && negative <= 1)) {
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected annotatedShare in 0..1, got ${JSON.stringify(share)}.`,
    );
  }
  return { positive, negative };
}
