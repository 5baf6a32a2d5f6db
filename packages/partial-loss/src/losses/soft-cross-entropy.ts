import * as tf from "@tensorflow/tfjs-core";
import type { Entries, Formula } from "./entrywise-loss.js";

/** CE(t, p) = t ℓ+ + (1-t) ℓ-, for a constant target t in [0, 1]; its slope is p - t. */
export function softCrossEntropy({ p, positiveLoss, negativeLoss }: Entries, target: tf.Tensor): Formula {
  return {
    losses: tf.add(tf.mul(target, positiveLoss), tf.mul(tf.sub(1, target), negativeLoss)),
    slopes: tf.sub(p, target),
  };
}
