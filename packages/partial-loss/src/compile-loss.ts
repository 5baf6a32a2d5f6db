import type * as tf from "@tensorflow/tfjs-core";
import type { LossOptions } from "./kernel/loss-settings.js";
import { partialLoss } from "./partial-loss.js";

/**
 * `partialLoss` in the argument order of `LayersModel.compile({ loss })`: labels first. The model's last layer gives
 * logits (no sigmoid activation).
 */
export function compileLoss(options: LossOptions = {}): (labels: tf.Tensor, logits: tf.Tensor) => tf.Scalar {
  return (labels, logits) => partialLoss(logits, labels, options);
}
