import type * as tf from "@tensorflow/tfjs-core";
import type { LossOptions } from "./kernel/loss-settings.js";
import { runPartialLoss } from "./kernel/run-partial-loss.js";

/**
 * Partial Asymmetric Loss (P-ASL) with a policy for un-annotated classes; with `selective(…)` it is the Class-aware
 * Selective Loss.
 *
 * @param logits float32 [batch, classes], before the sigmoid, finite.
 * @param labels the same shape: 1 positive, 0 negative, -1 un-annotated.
 * @returns a scalar that the caller owns; differentiable once, in the logits.
 * @throws on shapes that differ, labels outside {1, 0, -1}, logits that are not finite (see `validate`), a prior of
 * another length, options out of range.
 *
 * Source: arXiv 2110.10955; equal to the reference's PartialSelectiveLoss to 1e-5 where its log(max(·, 1e-8)) does not
 * clamp.
 */
export function partialLoss(logits: tf.Tensor, labels: tf.Tensor, options: LossOptions = {}): tf.Scalar {
  return runPartialLoss("partialLoss", logits, labels, options);
}
