import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { type EntrywiseOptions, entrywiseLoss, entrywiseOptions } from "./entrywise-loss.js";
import { softCrossEntropy, weightedCrossEntropy } from "./formulas.js";

export interface AssumeNegativeOptions extends EntrywiseOptions {
  /** ε of AN-LS: the target is 1-ε on positives and ε elsewhere. Default 0 (AN); Cole et al.'s code uses 0.1. */
  labelSmoothing?: number;
}

/**
 * AN and AN-LS: cross entropy with every un-annotated class as a negative. Default reduction `mean`.
 * Source: Cole et al. (arXiv 2106.09708), ε as in their code (the paper writes ε/2).
 */
export function assumeNegativeLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: AssumeNegativeOptions = {},
): tf.Scalar {
  checkOptions("assumeNegativeLoss", options, { labelSmoothing: true, ...entrywiseOptions });
  const { labelSmoothing = 0, ...others } = options;
  checkNumbers("assumeNegativeLoss", { labelSmoothing }, { most: 1 });
  return entrywiseLoss("assumeNegativeLoss", logits, labels, others, (entries) =>
    softCrossEntropy(entries, tf.add(tf.mul(entries.positive, 1 - 2 * labelSmoothing), labelSmoothing)),
  );
}

/**
 * WAN: as AN, but an un-annotated class weighs 1/(C-1), so that all of them together weigh as one positive. Annotated
 * negatives keep the weight 1. Default reduction `mean`. Source: Cole et al. (arXiv 2106.09708).
 */
export function weakAssumeNegativeLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: EntrywiseOptions = {},
): tf.Scalar {
  checkOptions("weakAssumeNegativeLoss", options, entrywiseOptions);
  return entrywiseLoss("weakAssumeNegativeLoss", logits, labels, options, (entries) => {
    const weak = tf.div(entries.unannotated, Math.max(1, entries.classes - 1));
    return weightedCrossEntropy(entries, entries.positive, tf.add(entries.negative, weak));
  });
}
