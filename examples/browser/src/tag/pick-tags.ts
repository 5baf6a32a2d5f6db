import type { Models } from "../models/load-models.js";

export interface Tag {
  id: string;
  name: string;
  score: number;
  /** The score that it had to exceed. */
  threshold: number;
  /** It does not exceed it: the best class of an image that has no tag. */
  below: boolean;
}

/** As `csl infer`: the classes above their thresholds, best first; the single best class when none passes. */
export function pickTags(
  logits: Float32Array,
  { classes, thresholds }: Pick<Models, "classes" | "thresholds">,
): Tag[] {
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const passing = order.filter((index) => logits[index]! > thresholds[index]!);
  return (passing.length > 0 ? passing : order.slice(0, 1)).map((index) => ({
    ...classes[index]!,
    score: sigmoid(logits[index]!),
    threshold: sigmoid(thresholds[index]!),
    below: passing.length === 0,
  }));
}

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
