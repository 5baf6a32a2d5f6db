import type { LossOptions } from "../src/kernel/loss-settings.js";
import { ignore, negative } from "../src/policies/fixed-weights.js";
import { normalized } from "../src/policies/normalized.js";
import { selective } from "../src/policies/selective.js";

/** The loss arguments of the reference's command line. */
export interface ReferenceArguments {
  partial_loss_mode: "negative" | "ignore" | "ignore_normalize_classes" | "selective" | null;
  clip: number;
  gamma_pos: number;
  gamma_neg: number;
  gamma_unann: number;
  alpha_pos: number;
  alpha_neg: number;
  alpha_unann: number;
  likelihood_topk: number;
  prior_threshold: number;
}

/**
 * The options with which `partialLoss` does what the reference does for these arguments (README, "Coming from the
 * reference"): top-k over the batch, picks spent on classes the prior ignores, a prior threshold of 0 that switches the
 * prior off.
 *
 * @param prior what `prior_path` loads.
 */
export function referenceLossOptions(args: ReferenceArguments, prior?: readonly number[]): LossOptions {
  const policies = {
    negative,
    ignore,
    ignore_normalize_classes: () => normalized({ scheme: "reference" }),
    selective: () =>
      selective({
        topK: args.likelihood_topk,
        priorThreshold: args.prior_threshold,
        ...(prior && args.prior_threshold !== 0 && { prior }),
      }),
  };
  return {
    clip: args.clip,
    gamma: { positive: args.gamma_pos, negative: args.gamma_neg, unannotated: args.gamma_unann },
    alpha: { positive: args.alpha_pos, negative: args.alpha_neg, unannotated: args.alpha_unann },
    unannotated: policies[args.partial_loss_mode ?? "negative"](),
  };
}
