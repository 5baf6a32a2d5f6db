import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import {
  type Entries,
  type EntrywiseOptions,
  entrywiseLoss,
  entrywiseOptions,
  type Formula,
} from "./entrywise-loss.js";
import { weightedCrossEntropy } from "./formulas.js";

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
  options: ExpectedPositivesOptions,
): tf.Scalar {
  checkOptions("expectedPositivesLoss", options, {
    expectedPositives: true,
    weight: true,
    ...entrywiseOptions,
  });
  const { expectedPositives, weight = 1, ...others } = options;
  checkNumbers("expectedPositivesLoss", { expectedPositives, weight });
  return entrywiseLoss("expectedPositivesLoss", logits, labels, others, (entries) => ({
    ...weightedCrossEntropy(entries, entries.positive, entries.negative),
    penalty: expectedPositivesPenalty(entries, expectedPositives, weight),
  }));
}

/**
 * ((k̂ - k)/C)² with k̂ = mean over samples of Σ_c p_c, the number of positives that the model sees in a sample.
 * Its slope in x is 2(k̂ - k)/C · p(1-p)/(C · batch). Source: Cole et al. (arXiv 2106.09708).
 */
export function expectedPositivesPenalty(
  { p, q, rows, classes }: Pick<Entries, "p" | "q" | "rows" | "classes">,
  expectedPositives: number,
  weight: number,
): NonNullable<Formula["penalty"]> {
  const residual = tf.div(tf.sub(tf.div(tf.sum(p), rows), expectedPositives), classes);
  return {
    value: tf.mul(weight, tf.square(residual)),
    slopes: tf.mul(tf.mul(residual, (2 * weight) / (classes * rows)), tf.mul(p, q)),
  };
}
