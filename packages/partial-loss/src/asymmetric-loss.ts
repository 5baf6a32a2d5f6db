import type * as tf from "@tensorflow/tfjs-core";
import type { LossOptions } from "./kernel/loss-settings.js";
import { runPartialLoss } from "./kernel/run-partial-loss.js";

export interface AsymmetricLossOptions
  extends Pick<LossOptions, "clip" | "reduction" | "focusGradient" | "validate"> {
  /** Default positive 1, negative 4, as the ASL code. */
  gamma?: { positive?: number; negative?: number };
}

/**
 * Asymmetric Loss (ASL, arXiv 2009.14119): positives -(1-p)^γ+ log p, all others -p_m^γ- log(1-p_m) with
 * p_m = max(p - clip, 0). Un-annotated classes (-1) are taken for negatives, which is "ASL-Negative" of the CSL paper.
 * Logits, labels, ownership and errors as {@link partialLoss}.
 */
export function asymmetricLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { gamma: { positive = 1, negative = 4 } = {}, clip = 0.05, ...others }: AsymmetricLossOptions = {},
): tf.Scalar {
  return runPartialLoss("asymmetricLoss", logits, labels, {
    gamma: { positive, negative, unannotated: negative },
    clip,
    ...others,
  });
}
