import * as tf from "@tensorflow/tfjs-core";
import { type EntrywiseOptions, entrywiseLoss } from "./entrywise-loss.js";
import { weightedCrossEntropy } from "./weighted-cross-entropy.js";

/**
 * WAN: as AN, but an un-annotated class weighs 1/(C-1), so that all of them together weigh as one positive. Annotated
 * negatives keep the weight 1. Default reduction `mean`. Source: Cole et al. (arXiv 2106.09708).
 */
export function weakAssumeNegativeLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: EntrywiseOptions = {},
): tf.Scalar {
  return entrywiseLoss("weakAssumeNegativeLoss", logits, labels, options, (entries) => {
    const weak = tf.div(entries.unannotated, Math.max(1, entries.classes - 1));
    return weightedCrossEntropy(entries, entries.positive, tf.add(entries.negative, weak));
  });
}
