import * as tf from "@tensorflow/tfjs-core";
import { assertParameters, type EntrywiseOptions, entrywiseLoss } from "./entrywise-loss.js";
import { focalTerm } from "./focal-term.js";
import { sumOf, weigh } from "./weighted-cross-entropy.js";

export interface HillOptions extends EntrywiseOptions {
  /** λ, where the pull of a negative turns around. Default 1.5. */
  lambda?: number;
  /** Logit margin of positives. Default 1. */
  margin?: number;
  /** Focusing exponent of positives. Default 2. */
  gamma?: number;
}

/**
 * Hill: positives -(1-p_m)^γ log p_m with p_m = σ(x - margin); all others (λ - p) p², which lets go of negatives that
 * the model is sure about. Default reduction `sum`. Source: Zhang et al. (arXiv 2112.07368).
 */
export function hillLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { lambda = 1.5, margin = 1, gamma = 2, reduction = "sum", ...options }: HillOptions = {},
): tf.Scalar {
  assertParameters("hillLoss", { lambda, margin, gamma });
  return entrywiseLoss("hillLoss", logits, labels, { reduction, ...options }, ({ x, p, q, positive }) => {
    const square = tf.square(p);
    const hill = {
      losses: tf.mul(tf.sub(lambda, p), square),
      slopes: tf.mul(tf.sub(tf.mul(p, 2 * lambda), tf.mul(square, 3)), tf.mul(p, q)), // (2λp - 3p²) p(1-p)
    };
    return sumOf(weigh(positive, focalTerm(tf.sub(x, margin), gamma)), weigh(tf.sub(1, positive), hill));
  });
}
