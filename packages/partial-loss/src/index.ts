// The loss and its policies

export type { PerLabel } from "@csl/internal/kernels/named-kernels";
export { type AsymmetricLossOptions, asymmetricLoss } from "./asymmetric-loss.js";
export {
  type AsymmetricSingleLabelOptions,
  asymmetricLossSingleLabel,
} from "./asymmetric-loss-single-label.js";
export { compileLoss } from "./compile-loss.js";
export type { LossOptions, LossSettings } from "./kernel/loss-settings.js";
export { type FormulaSettings, partialLossValues } from "./kernel/partial-loss-values.js";
export type { Reduction } from "./kernel/reduction.js";
export { type KernelForm, registerKernels } from "./kernel/register-kernels.js";
// Other losses for partial labels
export { type AssumeNegativeOptions, assumeNegativeLoss } from "./losses/assume-negative-loss.js";
export {
  type EntropyMaximizationOptions,
  entropyMaximizationLoss,
} from "./losses/entropy-maximization-loss.js";
export type { EntrywiseOptions } from "./losses/entrywise-loss.js";
export { type ExpectedPositivesOptions, expectedPositivesLoss } from "./losses/expected-positives-loss.js";
export { type FocalOptions, focalLoss } from "./losses/focal-loss.js";
export { type GeneralizedRobustOptions, generalizedRobustLoss } from "./losses/generalized-robust-loss.js";
export { type HillOptions, hillLoss } from "./losses/hill-loss.js";
export { type LargeLossOptions, largeLoss } from "./losses/large-loss.js";
export { type RoleOptions, roleLoss } from "./losses/role-loss.js";
export { type SplcOptions, splcLoss } from "./losses/splc-loss.js";
export { weakAssumeNegativeLoss } from "./losses/weak-assume-negative-loss.js";
export { partialLoss } from "./partial-loss.js";
export { ignore } from "./policies/ignore.js";
export { negative } from "./policies/negative.js";
export { type NormalizedOptions, type NormalizedScheme, normalized } from "./policies/normalized.js";
export { type SelectiveOptions, selective, type TopKScope } from "./policies/selective.js";
export type { LabelledTensors, LabelledValues, UnannotatedPolicy } from "./policies/unannotated-policy.js";
// Class priors
export { ClassPriorEstimator } from "./prior/class-prior-estimator.js";
export type { Prior } from "./prior/prior.js";
export { priorVector } from "./prior/prior-vector.js";
export { rankCorrelation } from "./prior/rank-correlation.js";
export { type PriorReading, type ReadPriorOptions, readPrior } from "./prior/read-prior.js";
export type { PriorClass } from "./prior/read-prior-csv.js";
export { type RankedClass, topClasses } from "./prior/top-classes.js";
export { writePrior } from "./prior/write-prior.js";
export {
  type ReferenceArguments,
  type ReferenceMode,
  referenceLossOptions,
} from "./reference-loss-options.js";
export { stopGradient } from "./stop-gradient.js";
export { unannotatedWeights } from "./unannotated-weights.js";
