import * as tf from "@tensorflow/tfjs-core";
import { power } from "../kernel/partial-loss-tensors.js";
import type { Formula } from "./entrywise-loss.js";

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
