import * as tf from "@tensorflow/tfjs-core";
import { assertPrior, assertShapes } from "./kernel/check-batch.js";
import type { UnannotatedPolicy } from "./policies/unannotated-policy.js";

/**
 * The weight that a policy gives every entry, [batch, classes]: 0 where the loss ignores it. For looking at what a
 * policy does; the losses compute it themselves. The caller owns the result.
 */
export function unannotatedWeights(
  logits: tf.Tensor,
  labels: tf.Tensor,
  policy: UnannotatedPolicy,
): tf.Tensor2D {
  assertShapes("unannotatedWeights", logits, labels);
  assertPrior("unannotatedWeights", policy, logits);
  return tf.tidy(() =>
    policy.weighTensors({
      logits: logits as tf.Tensor2D,
      labels: tf.cast(labels as tf.Tensor2D, "float32"),
      ...(policy.prior && { prior: tf.tensor1d(policy.prior) }),
    }),
  );
}
