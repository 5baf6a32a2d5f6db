import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { type EntrywiseOptions, entrywiseLoss, entrywiseOptions } from "./entrywise-loss.js";
import { addFormulas, focalTerm, weigh } from "./formulas.js";

export interface HillOptions extends EntrywiseOptions {
  /** λ, where the pull of a negative turns around. Default 1.5. */
  lambda?: number;
  /** Logit margin of positives. Default 1. */
  margin?: number;
  /** Focusing exponent of positives. Default 2. */
  gamma?: number;
}

/**
 * Hill: positives -(1-p_m)^γ log p_m with p_m = σ(x - margin); all others (λ - p) p², whose slope falls again for
 * negatives that the model is sure are positive. Default reduction `sum`. Source: Zhang et al. (arXiv 2112.07368).
 */
export function hillLoss(logits: tf.Tensor, labels: tf.Tensor, options: HillOptions = {}): tf.Scalar {
  checkOptions("hillLoss", options, { lambda: true, margin: true, gamma: true, ...entrywiseOptions });
  const { lambda = 1.5, margin = 1, gamma = 2, reduction = "sum", ...others } = options;
  checkNumbers("hillLoss", { lambda, margin, gamma });
  return entrywiseLoss("hillLoss", logits, labels, { reduction, ...others }, ({ x, p, q, positive }) => {
    const square = tf.square(p);
    const hill = {
      losses: tf.mul(tf.sub(lambda, p), square),
      slopes: tf.mul(tf.sub(tf.mul(p, 2 * lambda), tf.mul(square, 3)), tf.mul(p, q)), // (2λp - 3p²) p(1-p)
    };
    return addFormulas(
      weigh(positive, focalTerm(tf.sub(x, margin), gamma)),
      weigh(tf.sub(1, positive), hill),
    );
  });
}
