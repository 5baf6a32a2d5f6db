import { CslError } from "@csl/internal/errors/csl-error";
import type { ModelDescription } from "@csl/internal/model-description/model-description";

/** A class that an image shows. */
export interface Tag {
  id: string;
  name: string;
  /** From 0 to 1. */
  score: number;
  /** The score that it had to exceed. */
  threshold: number;
}

/** Which classes are tags. */
export interface TagChoice {
  /** For every class, in the place of the model's own thresholds. */
  threshold?: number | undefined;
  /** At most so many tags. */
  top?: number | undefined;
}

/** Where neither model nor caller says one: of the reference's infer.py, as in `csl infer`. */
const DEFAULT_THRESHOLD = 0.97;

/** The classes whose scores exceed their thresholds, best first. A score is sigmoid(logit / temperature). */
export function pickTags(
  logits: Float32Array,
  { classes, temperature }: ModelDescription,
  { threshold: asked, top = Number.POSITIVE_INFINITY }: TagChoice,
): Tag[] {
  const tags: (Tag & { logit: number })[] = [];
  for (const [i, { id, name, threshold: own }] of classes.entries()) {
    const logit = logits[i]!;
    if (Number.isNaN(logit))
      throw new CslError(
        "not-finite",
        `tagger: expected a number for class ${id}, got none. Is the model damaged, or exported with too little precision?`,
      );
    const score = 1 / (1 + Math.exp(-logit / temperature));
    const threshold = asked ?? own ?? DEFAULT_THRESHOLD;
    // A threshold of 0 asks for all of them, those whose score is too small for a number too.
    if (score > threshold || threshold === 0) tags.push({ id, name, score, threshold, logit });
  }
  // By logits: scores near 1 are the same number.
  return tags
    .sort((a, b) => b.logit - a.logit)
    .slice(0, top)
    .map(({ logit: _, ...tag }) => tag);
}
