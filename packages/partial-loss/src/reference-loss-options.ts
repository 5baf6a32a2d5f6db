import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { LossOptions } from "./kernel/loss-settings.js";
import { ignore } from "./policies/ignore.js";
import { negative } from "./policies/negative.js";
import { normalized } from "./policies/normalized.js";
import { type SelectiveOptions, selective } from "./policies/selective.js";
import type { UnannotatedPolicy } from "./policies/unannotated-policy.js";

type ReferenceMode = "negative" | "ignore" | "ignore_normalize_classes" | "selective";

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
 * off (for `selective` itself 0 is a threshold like any other).
 */
export function referenceLossOptions(options: ReferenceArguments = {}): LossOptions {
  checkOptions("referenceLossOptions", options, {
    partialLossMode: true,
    clip: true,
    gammaPos: true,
    gammaNeg: true,
    gammaUnann: true,
    alphaPos: true,
    alphaNeg: true,
    alphaUnann: true,
    likelihoodTopk: true,
    priorThreshold: true,
    prior: true,
    classIds: true,
  });
  const { partialLossMode, clip = 0, likelihoodTopk = 5, priorThreshold = 0.05, prior, classIds } = options;
  const { gammaPos = 0, gammaNeg = 1, gammaUnann = 2 } = options;
  const { alphaPos = 1, alphaNeg = 1, alphaUnann = 1 } = options;
  const mode = partialLossMode ?? "negative";
  if (!Object.hasOwn(modes, mode))
    throw new CslError(
      "invalid-argument",
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
