import * as tf from "@tensorflow/tfjs-core";
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

/** Two formulas, entry by entry. */
export function sumOf(a: Formula, b: Formula): Formula {
  return { losses: tf.add(a.losses, b.losses), slopes: tf.add(a.slopes, b.slopes) };
}

/** A formula with a constant weight per entry, or one for all. */
export function weigh(weight: tf.Tensor | number, { losses, slopes }: Formula): Formula {
  return { losses: tf.mul(weight, losses), slopes: tf.mul(weight, slopes) };
}
