import { Label } from "@csl/internal/labels/label";
import * as tf from "@tensorflow/tfjs-core";
import type { UnannotatedPolicy } from "./unannotated-policy.js";

/**
 * "Negative" mode: an un-annotated class is a negative with its own gamma and alpha (weight 1 everywhere).
 * Source: the paper's Negative mode, the reference's modes `negative` and none.
 */
export function negative(): UnannotatedPolicy {
  return {
    name: "negative",
    settings: {},
    weighValues: (_batch, weights) => {
      weights.fill(1);
    },
    weighTensors: ({ labels }) => tf.onesLike(labels),
  };
}

/**
 * "Ignore" mode: un-annotated classes take no part (weight 0), so the loss learns from annotations alone.
 * The mode in which the class prior is estimated. Source: the paper's Ignore mode.
 */
export function ignore(): UnannotatedPolicy {
  return {
    name: "ignore",
    settings: {},
    weighValues: ({ labels }, weights) => {
      for (let i = 0; i < weights.length; i++) weights[i] = labels[i] === Label.Unannotated ? 0 : 1;
    },
    // |label| would be 0 for a negative: 1 - max(-label, 0) is 0 for -1 only.
    weighTensors: ({ labels }) => tf.sub(1, tf.relu(tf.neg(labels))),
  };
}
