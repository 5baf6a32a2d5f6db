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
