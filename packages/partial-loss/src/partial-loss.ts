import * as tf from "@tensorflow/tfjs-core";
import { assertPrior, assertShapes } from "./kernel/check-batch.js";
import { checkLossOptions, type LossOptions } from "./kernel/loss-settings.js";
import { runPartialLoss } from "./kernel/run-partial-loss.js";
import type { UnannotatedPolicy } from "./policies/unannotated-policy.js";

/**
 * Partial Asymmetric Loss (P-ASL) with a policy for un-annotated classes; with `selective(…)` it is the Class-aware
 * Selective Loss.
 *
 * @param logits float32 [batch, classes], before the sigmoid, finite.
 * @param labels the same shape: 1 positive, 0 negative, -1 un-annotated.
 * @returns a scalar that the caller owns; differentiable once, in the logits.
 * @throws CslError `unknown-option` and `invalid-argument` for options, types and labels outside {1, 0, -1}; `mismatch`
 * when logits, labels and prior do not have the same classes; `not-finite` for logits (see `validate`).
 *
 * Source: arXiv 2110.10955; equal to the reference's PartialSelectiveLoss to 1e-5 where its log(max(·, 1e-8)) does not
 * clamp.
 */
export function partialLoss(logits: tf.Tensor, labels: tf.Tensor, options: LossOptions = {}): tf.Scalar {
  checkLossOptions("partialLoss", options);
  return runPartialLoss("partialLoss", logits, labels, options);
}

/**
 * {@link partialLoss} in the argument order of `LayersModel.compile({ loss })`: labels first. The model's last layer
 * gives logits (no sigmoid activation).
 */
export function compileLoss(options: LossOptions = {}): (labels: tf.Tensor, logits: tf.Tensor) => tf.Scalar {
  checkLossOptions("compileLoss", options);
  return (labels, logits) => partialLoss(logits, labels, options);
}

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
