import * as tf from "@tensorflow/tfjs-core";
import type { Entries, Formula } from "./entrywise-loss.js";

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
