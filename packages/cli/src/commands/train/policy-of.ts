import {
  ignore,
  negative,
  normalized,
  type Prior,
  selective,
  type UnannotatedPolicy,
} from "@csl/partial-loss";

export interface PolicyOptions {
  partialLossMode: string;
  likelihoodTopk: number;
  priorThreshold: number;
  topkScope: "batch" | "sample";
  spareIgnored: boolean;
}

/** The reference's `partial_loss_mode` words, and the paper's normalisation, as policies of @csl/partial-loss. */
const policies: Record<
  string,
  (options: PolicyOptions, classIds: readonly string[], prior?: Prior) => UnannotatedPolicy
> = {
  negative: () => negative(),
  ignore: () => ignore(),
  normalized: () => normalized({ scheme: "proportion" }),
  "ignore-normalize-classes": () => normalized({ scheme: "reference" }),
  selective: ({ likelihoodTopk, priorThreshold, topkScope, spareIgnored }, classIds, prior) =>
    selective({
      topK: likelihoodTopk,
      topKScope: topkScope,
      spareIgnored,
      ...(prior ? { prior, classIds, priorThreshold } : {}),
    }),
};

export function policyOf(
  options: PolicyOptions,
  classIds: readonly string[],
  prior?: Prior,
): UnannotatedPolicy {
  const policy = policies[options.partialLossMode];
  if (!policy) {
    throw new Error(
      `csl: expected --partial-loss-mode to be one of ${Object.keys(policies).join(", ")}, got "${options.partialLossMode}".`,
    );
  }
  return policy(options, classIds, prior);
}
