import type { LossOptions } from "./kernel/loss-settings.js";
import { ignore } from "./policies/ignore.js";
import { negative } from "./policies/negative.js";
import { normalized } from "./policies/normalized.js";
import { type SelectiveOptions, selective } from "./policies/selective.js";
import type { UnannotatedPolicy } from "./policies/unannotated-policy.js";

export type ReferenceMode = "negative" | "ignore" | "ignore_normalize_classes" | "selective";

/** The loss arguments of the reference's command line, in camel case. */
export interface ReferenceArguments {
  partialLossMode?: ReferenceMode | null;
  clip?: number;
  gammaPos?: number;
  gammaNeg?: number;
  gammaUnann?: number;
  alphaPos?: number;
  alphaNeg?: number;
  alphaUnann?: number;
  likelihoodTopk?: number;
  priorThreshold?: number;
  /** What `prior_path` loads. */
  prior?: SelectiveOptions["prior"];
  classIds?: readonly string[];
}

const modes: Record<ReferenceMode, (options: SelectiveOptions) => UnannotatedPolicy> = {
  negative: () => negative(),
  ignore: () => ignore(),
  ignore_normalize_classes: () => normalized({ scheme: "reference" }),
  selective,
};

/**
 * The options with which `partialLoss` does what the reference does for these arguments, defaults and quirks included:
 * top-k over the batch, picks spent on classes the prior ignores, and a prior threshold of 0 that switches the prior
 * off (`selective` itself takes 0 at its word).
 */
export function referenceLossOptions({
  partialLossMode = "negative",
  clip = 0,
  gammaPos = 0,
  gammaNeg = 1,
  gammaUnann = 2,
  alphaPos = 1,
  alphaNeg = 1,
  alphaUnann = 1,
  likelihoodTopk = 5,
  priorThreshold = 0.05,
  prior,
  classIds,
}: ReferenceArguments = {}): LossOptions {
  const mode = partialLossMode ?? "negative";
  if (!Object.hasOwn(modes, mode))
    throw new Error(
      `referenceLossOptions: expected partialLossMode ${Object.keys(modes).join(", ")}, got ${JSON.stringify(mode)}.`,
    );
  return {
    clip,
    gamma: { positive: gammaPos, negative: gammaNeg, unannotated: gammaUnann },
    alpha: { positive: alphaPos, negative: alphaNeg, unannotated: alphaUnann },
    unannotated: modes[mode]({
      topK: likelihoodTopk,
      priorThreshold,
      ...(prior && priorThreshold !== 0 && { prior, ...(classIds && { classIds }) }),
    }),
  };
}
