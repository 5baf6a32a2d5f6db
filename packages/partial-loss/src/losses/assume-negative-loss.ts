import * as tf from "@tensorflow/tfjs-core";
import { assertParameters, type EntrywiseOptions, entrywiseLoss } from "./entrywise-loss.js";
import { softCrossEntropy } from "./soft-cross-entropy.js";

export interface AssumeNegativeOptions extends EntrywiseOptions {
  /** ε of AN-LS: the target is 1-ε on positives and ε elsewhere. Default 0 (AN); Cole et al.'s code uses 0.1. */
  labelSmoothing?: number;
}

/**
 * AN and AN-LS: cross entropy with every un-annotated class taken for a negative. Default reduction `mean`.
 * Source: Cole et al. (arXiv 2106.09708), ε as in their code (the paper writes ε/2).
 */
export function assumeNegativeLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { labelSmoothing = 0, ...options }: AssumeNegativeOptions = {},
): tf.Scalar {
  assertParameters("assumeNegativeLoss", { labelSmoothing }, { most: 1 });
  return entrywiseLoss("assumeNegativeLoss", logits, labels, options, (entries) =>
    softCrossEntropy(entries, tf.add(tf.mul(entries.positive, 1 - 2 * labelSmoothing), labelSmoothing)),
  );
}
