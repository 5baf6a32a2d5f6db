import * as tf from "@tensorflow/tfjs-core";
import type { UnannotatedPolicy } from "./unannotated-policy.js";

/**
 * A policy whose weights are multiplied by one number per class, whatever the label is. Its name is none that a native kernel
 * knows, so that such a kernel asks it for the weights.
 */
export function classWeighted(policy: UnannotatedPolicy, classWeights: ArrayLike<number>): UnannotatedPolicy {
  const factors = Float32Array.from(classWeights);
  return {
    name: `class-weighted ${policy.name}`,
    settings: policy.settings,
    ...(policy.prior && { prior: policy.prior }),
    weighValues: (batch, weights) => {
      policy.weighValues(batch, weights);
      const { classes } = batch;
      for (let start = 0; start < weights.length; start += classes)
        for (let c = 0; c < classes; c++) weights[start + c]! *= factors[c]!;
    },
    weighTensors: (batch) => tf.mul(policy.weighTensors(batch), tf.tensor1d(factors)),
  };
}
