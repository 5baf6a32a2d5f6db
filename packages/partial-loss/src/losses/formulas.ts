import * as tf from "@tensorflow/tfjs-core";
import { power } from "../kernel/partial-loss-tensors.js";
import type { Entries, Formula } from "./entrywise-loss.js";

/** w+ ℓ+ + w- ℓ- for constant weights per entry; its slope is w- p - w+ (1-p). */
export function weightedCrossEntropy(
  { p, q, positiveLoss, negativeLoss }: Entries,
  positiveWeight: tf.Tensor,
  negativeWeight: tf.Tensor,
): Formula {
  return {
    losses: tf.add(tf.mul(positiveWeight, positiveLoss), tf.mul(negativeWeight, negativeLoss)),
    slopes: tf.sub(tf.mul(negativeWeight, p), tf.mul(positiveWeight, q)),
  };
}

/** CE(t, p) = t ℓ+ + (1-t) ℓ-, for a constant target t in [0, 1]; its slope is p - t. */
export function softCrossEntropy({ p, positiveLoss, negativeLoss }: Entries, target: tf.Tensor): Formula {
  return {
    losses: tf.add(tf.mul(target, positiveLoss), tf.mul(tf.sub(1, target), negativeLoss)),
    slopes: tf.sub(p, target),
  };
}

/**
 * (1-s)^γ · -log s with s = σ(x), the weight differentiated too: slope -(1-s)^γ · (1-s + γ s · -log s).
 * For the other class pass -x and take the slope with the other sign ({@link focalNegativeTerm}).
 */
export function focalTerm(x: tf.Tensor, gamma: number): Formula {
  const s = tf.sigmoid(x);
  const rest = tf.sigmoid(tf.neg(x));
  const loss = tf.softplus(tf.neg(x));
  const focus = power(rest, gamma);
  return {
    losses: tf.mul(focus, loss),
    slopes: tf.neg(tf.mul(focus, tf.add(rest, tf.mul(tf.mul(s, gamma), loss)))),
  };
}

/** p^γ · -log(1-p), the weight differentiated too. */
export function focalNegativeTerm(x: tf.Tensor, gamma: number): Formula {
  const { losses, slopes } = focalTerm(tf.neg(x), gamma);
  return { losses, slopes: tf.neg(slopes) };
}

/** Two formulas added, entry by entry. */
export function addFormulas(a: Formula, b: Formula): Formula {
  return { losses: tf.add(a.losses, b.losses), slopes: tf.add(a.slopes, b.slopes) };
}

/** A formula with a constant weight per entry, or one for all. */
export function weigh(weight: tf.Tensor | number, { losses, slopes }: Formula): Formula {
  return { losses: tf.mul(weight, losses), slopes: tf.mul(weight, slopes) };
}

/** `x` as a constant: the same values, a gradient of 0. The caller owns the result. TensorFlow.js itself has none. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input) => ({
    value: tf.clone(input as T),
    gradFunc: (dy: T) => tf.zerosLike(dy),
  }))(x);
}
