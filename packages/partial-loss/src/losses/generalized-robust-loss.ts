import { checkOptions } from "@csl/internal/errors/check-options";
import * as tf from "@tensorflow/tfjs-core";
import { checkNumbers } from "../check-arguments.js";
import { type EntrywiseOptions, entrywiseLoss, entrywiseOptions, type Formula } from "./entrywise-loss.js";
import { addFormulas, weigh, weightedCrossEntropy } from "./formulas.js";

export interface GeneralizedRobustOptions extends EntrywiseOptions {
  /** k = σ(slope · p + offset), the chance that an un-annotated class is positive. The paper moves slope 0 → 2. */
  slope: number;
  /** The paper's b. Default -2. */
  offset?: number;
  /** v = exp(-(p-center)² / 2 width²), how much the entry is trusted. The paper moves center .5 → .8, width 2 → .5. */
  center: number;
  width: number;
  /** Robustness of the positive and the negative side; 0 is cross entropy, 1 is absolute error. Default 0.01 and 1. */
  positiveExponent?: number;
  negativeExponent?: number;
}

/**
 * GR: cross entropy on annotated classes; un-annotated ones get v·[k (1-p^q₂)/q₂ + (1-k)(1-(1-p)^q₃)/q₃], k and v
 * constant for the gradient. Default reduction `mean`. Source: Chen et al., "Boosting Single Positive Multi-label
 * Classification with Generalized Robust Loss" (arXiv 2405.03501).
 */
export function generalizedRobustLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: GeneralizedRobustOptions,
): tf.Scalar {
  checkOptions("generalizedRobustLoss", options, {
    slope: true,
    offset: true,
    center: true,
    width: true,
    positiveExponent: true,
    negativeExponent: true,
    ...entrywiseOptions,
  });
  const { slope, offset = -2, center, width, ...rest } = options;
  const { positiveExponent = 0.01, negativeExponent = 1, ...others } = rest;
  checkNumbers("generalizedRobustLoss", { slope, offset, center }, { least: -1e6, most: 1e6 });
  checkNumbers("generalizedRobustLoss", { width }, { least: 1e-6 });
  checkNumbers("generalizedRobustLoss", { positiveExponent, negativeExponent });
  return entrywiseLoss("generalizedRobustLoss", logits, labels, others, (entries) => {
    const { p, q, positiveLoss, negativeLoss, positive, negative, unannotated } = entries;
    const likely = tf.sigmoid(tf.add(tf.mul(p, slope), offset)); // k
    const trust = tf.exp(tf.div(tf.square(tf.sub(p, center)), -2 * width * width)); // v
    const asPositive = robust(positiveLoss, tf.neg(q), positiveExponent);
    const asNegative = robust(negativeLoss, p, negativeExponent);
    const open = addFormulas(weigh(likely, asPositive), weigh(tf.sub(1, likely), asNegative));
    return addFormulas(
      weightedCrossEntropy(entries, positive, negative),
      weigh(tf.mul(unannotated, trust), open),
    );
  });
}

/** (1 - s^e)/e with -log s = loss: -expm1(-e·loss)/e, which tends to the loss itself as e → 0. */
function robust(loss: tf.Tensor, lossSlope: tf.Tensor, exponent: number): Formula {
  if (exponent === 0) return { losses: loss, slopes: lossSlope };
  const decay = tf.mul(loss, -exponent);
  return { losses: tf.div(tf.expm1(decay), -exponent), slopes: tf.mul(tf.exp(decay), lossSlope) };
}
