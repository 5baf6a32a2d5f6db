import { checkOptions } from "@csl/internal/errors/check-options";
import type * as tf from "@tensorflow/tfjs-core";
import type { LossOptions } from "../kernel/loss-settings.js";
import { runPartialLoss } from "../kernel/run-partial-loss.js";

export interface FocalOptions extends Pick<LossOptions, "reduction" | "focusGradient" | "validate"> {
  /** Default 2. */
  gamma?: number;
  /** α of positives, 1-α of the others (Lin et al. use 0.25). Default: no weights. */
  alpha?: number;
}

/**
 * Focal loss: positives -(1-p)^γ log p, all others -p^γ log(1-p). Its weight is differentiated by default, as its
 * paper defines it. Default reduction `sum`. Source: Lin et al. (arXiv 1708.02002).
 */
export function focalLoss(logits: tf.Tensor, labels: tf.Tensor, options: FocalOptions = {}): tf.Scalar {
  checkOptions("focalLoss", options, {
    gamma: true,
    alpha: true,
    reduction: true,
    focusGradient: true,
    validate: true,
  });
  const { gamma = 2, alpha, focusGradient = true, ...others } = options;
  return runPartialLoss("focalLoss", logits, labels, {
    gamma: { positive: gamma, negative: gamma, unannotated: gamma },
    ...(alpha !== undefined && { alpha: { positive: alpha, negative: 1 - alpha, unannotated: 1 - alpha } }),
    focusGradient,
    ...others,
  });
}
