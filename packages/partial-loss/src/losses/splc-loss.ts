import * as tf from "@tensorflow/tfjs-core";
import { assertParameters, type EntrywiseOptions, entrywiseLoss } from "./entrywise-loss.js";
import { focalNegativeTerm, focalTerm } from "./focal-term.js";
import { sumOf, weigh } from "./weighted-cross-entropy.js";

export interface SplcOptions extends EntrywiseOptions {
  /** Whether labels are corrected yet: off in the first epoch, on from then. Default true. */
  correct?: boolean;
  /** τ: an un-annotated class with p > τ counts as positive. Default 0.6. */
  threshold?: number;
  /** Logit margin of annotated positives. Default 1. */
  margin?: number;
  /** Default 2. */
  gamma?: number;
}

/**
 * SPLC, self-paced loss correction: focal loss with a margin on annotated positives; an un-annotated class that the
 * model finds likely is scored as a positive without margin. Annotated negatives are never corrected. Default
 * reduction `sum`. Source: Zhang et al. (arXiv 2112.07368).
 */
export function splcLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { correct = true, threshold = 0.6, margin = 1, gamma = 2, reduction = "sum", ...options }: SplcOptions = {},
): tf.Scalar {
  assertParameters("splcLoss", { margin, gamma });
  assertParameters("splcLoss", { threshold }, { most: 1 });
  return entrywiseLoss(
    "splcLoss",
    logits,
    labels,
    { reduction, ...options },
    ({ x, p, positive, unannotated }) => {
      const likely = correct ? tf.mul(unannotated, tf.step(tf.sub(p, threshold))) : tf.zerosLike(p);
      const others = tf.sub(tf.sub(1, positive), likely);
      const annotated = weigh(positive, focalTerm(tf.sub(x, margin), gamma));
      const corrected = weigh(likely, focalTerm(x, gamma));
      return sumOf(sumOf(annotated, corrected), weigh(others, focalNegativeTerm(x, gamma)));
    },
  );
}
