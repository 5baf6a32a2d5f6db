import * as tf from "@tensorflow/tfjs-core";
import type { LabelledTensors } from "../policies/unannotated-policy.js";
import type { FormulaSettings } from "./partial-loss-values.js";
import type { Reduction } from "./reduction.js";

/**
 * `partialLossValues` composed of TensorFlow.js operations, for every backend: returns the loss and its gradient with
 * respect to the logits. Uses no registered gradient. Call inside a tidy.
 */
export function partialLossTensors(
  batch: LabelledTensors,
  { gamma, alpha, clip, policy, reduction, focusGradient }: FormulaSettings,
): [loss: tf.Scalar, gradient: tf.Tensor2D] {
  const { logits, labels } = batch;
  const weights = policy.weighTensors(batch); // [batch, classes], as is everything below
  const positive = tf.mul(tf.relu(labels), weights);
  const unannotated = tf.mul(tf.relu(tf.neg(labels)), weights);
  const negative = tf.sub(tf.sub(weights, positive), unannotated);
  const p = tf.sigmoid(logits);
  const q = tf.sigmoid(tf.neg(logits));
  const pq = tf.mul(p, q);

  const positiveLoss = tf.softplus(tf.neg(logits));
  const positiveFocus = tf.mul(tf.mul(positive, alpha.positive), power(q, gamma.positive));

  const clipped = clip > 0 ? tf.relu(tf.sub(p, clip)) : p; // p_m
  const otherLoss = clip > 0 ? tf.neg(tf.log1p(tf.neg(clipped))) : tf.softplus(logits);
  const otherSlope = clip > 0 ? tf.div(tf.mul(tf.step(clipped), pq), tf.sub(1, clipped)) : p;
  const negativeFocus = tf.mul(tf.mul(negative, alpha.negative), power(clipped, gamma.negative));
  const unannotatedFocus = tf.mul(tf.mul(unannotated, alpha.unannotated), power(clipped, gamma.unannotated));
  const otherFocus = tf.add(negativeFocus, unannotatedFocus);

  const losses = tf.add(tf.mul(positiveFocus, positiveLoss), tf.mul(otherFocus, otherLoss));
  let gradient: tf.Tensor = tf.sub(tf.mul(otherFocus, otherSlope), tf.mul(positiveFocus, q));
  if (focusGradient) {
    const ofPositive = tf.mul(tf.mul(positiveFocus, gamma.positive), tf.mul(p, positiveLoss));
    const exponents = tf.add(
      tf.mul(negativeFocus, gamma.negative),
      tf.mul(unannotatedFocus, gamma.unannotated),
    );
    const logSlope = clip > 0 ? tf.divNoNan(pq, clipped) : q; // d log p_m / dx
    gradient = tf.add(gradient, tf.sub(tf.mul(tf.mul(exponents, logSlope), otherLoss), ofPositive));
  }
  return reduceTensors(reduction, labels, losses, gradient);
}

/** Applies a reduction to losses and gradients per entry. */
export function reduceTensors(
  reduction: Reduction,
  labels: tf.Tensor,
  losses: tf.Tensor,
  gradients: tf.Tensor,
): [loss: tf.Scalar, gradient: tf.Tensor2D] {
  const sum = tf.sum(losses);
  if (reduction === "sum") return [sum as tf.Scalar, gradients as tf.Tensor2D];
  const divisor =
    reduction === "mean"
      ? tf.scalar(labels.size)
      : tf.maximum(tf.sum(tf.sub(1, tf.relu(tf.neg(tf.cast(labels, "float32"))))), 1);
  return [tf.div(sum, divisor) as tf.Scalar, tf.div(gradients, divisor) as tf.Tensor2D];
}

/** base^exponent for base >= 0, 0^0 = 1; small whole exponents become products, exact at 0 on every backend. */
export function power(base: tf.Tensor, exponent: number): tf.Tensor {
  if (exponent === 0) return tf.onesLike(base);
  if (!Number.isInteger(exponent) || exponent > 8) return tf.pow(base, tf.scalar(exponent));
  let product = base;
  for (let n = 1; n < exponent; n++) product = tf.mul(product, base);
  return product;
}
