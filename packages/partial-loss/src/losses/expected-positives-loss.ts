import type * as tf from "@tensorflow/tfjs-core";
import { assertParameters, type EntrywiseOptions, entrywiseLoss } from "./entrywise-loss.js";
import { expectedPositivesPenalty } from "./expected-positives-penalty.js";
import { weightedCrossEntropy } from "./weighted-cross-entropy.js";

export interface ExpectedPositivesOptions extends EntrywiseOptions {
  /** k, the positives an average sample has: VOC 1.5, COCO 2.9, NUS-WIDE 1.9, CUB 31.4. */
  expectedPositives: number;
  /** λ of the penalty. Default 1. */
  weight?: number;
}

/**
 * EPR: cross entropy on annotated classes, and a penalty when the batch predicts another number of positives per
 * sample than expected. Default reduction `mean`. Source: Cole et al. (arXiv 2106.09708).
 */
export function expectedPositivesLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { expectedPositives, weight = 1, ...options }: ExpectedPositivesOptions,
): tf.Scalar {
  assertParameters("expectedPositivesLoss", { expectedPositives, weight });
  return entrywiseLoss("expectedPositivesLoss", logits, labels, options, (entries) => ({
    ...weightedCrossEntropy(entries, entries.positive, entries.negative),
    penalty: expectedPositivesPenalty(entries, expectedPositives, weight),
  }));
}
