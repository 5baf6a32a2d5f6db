import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { type EntrywiseOptions, entrywiseLoss, entrywiseOptions } from "./entrywise-loss.js";
import { addFormulas, focalNegativeTerm, focalTerm, weigh } from "./formulas.js";

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
export function splcLoss(logits: tf.Tensor, labels: tf.Tensor, options: SplcOptions = {}): tf.Scalar {
  checkOptions("splcLoss", options, {
    correct: true,
    threshold: true,
    margin: true,
    gamma: true,
    ...entrywiseOptions,
  });
  const { correct = true, threshold = 0.6, margin = 1, gamma = 2, reduction = "sum", ...others } = options;
  checkNumbers("splcLoss", { margin, gamma });
  checkNumbers("splcLoss", { threshold }, { most: 1 });
  return entrywiseLoss(
    "splcLoss",
    logits,
    labels,
    { reduction, ...others },
    ({ x, p, positive, unannotated }) => {
      const likely = correct ? tf.mul(unannotated, tf.step(tf.sub(p, threshold))) : tf.zerosLike(p);
      const negative = tf.sub(tf.sub(1, positive), likely);
      const annotated = weigh(positive, focalTerm(tf.sub(x, margin), gamma));
      const corrected = weigh(likely, focalTerm(x, gamma));
      return addFormulas(addFormulas(annotated, corrected), weigh(negative, focalNegativeTerm(x, gamma)));
    },
  );
}
