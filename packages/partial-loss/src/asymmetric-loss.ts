import { checkOptions } from "@csl/internal/errors/check-options";
import type * as tf from "@tensorflow/tfjs-core";
import type { LossOptions } from "./kernel/loss-settings.js";
import { runPartialLoss } from "./kernel/run-partial-loss.js";

export interface AsymmetricLossOptions
  extends Pick<LossOptions, "clip" | "reduction" | "focusGradient" | "validate"> {
  /** Default positive 1, negative 4, as in the ASL code. */
  gamma?: { positive?: number; negative?: number };
}

/**
 * Asymmetric Loss (ASL, arXiv 2009.14119): positives -(1-p)^γ+ log p, all others -p_m^γ- log(1-p_m) with
 * p_m = max(p - clip, 0). Un-annotated classes (-1) count as negatives, which is "ASL-Negative" of the CSL paper.
 * Logits, labels, ownership and errors as {@link partialLoss}.
 */
export function asymmetricLoss(
  logits: tf.Tensor,
  labels: tf.Tensor,
  options: AsymmetricLossOptions = {},
): tf.Scalar {
  checkOptions("asymmetricLoss", options, {
    gamma: true,
    clip: true,
    reduction: true,
    focusGradient: true,
    validate: true,
  });
  const { gamma = {}, clip = 0.05, ...others } = options;
  checkOptions("asymmetricLoss: gamma", gamma, { positive: true, negative: true });
  const { positive = 1, negative = 4 } = gamma;
  return runPartialLoss("asymmetricLoss", logits, labels, {
    gamma: { positive, negative, unannotated: negative },
    clip,
    ...others,
  });
}
