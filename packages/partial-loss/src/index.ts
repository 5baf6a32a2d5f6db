// The loss and its policies

export { type AsymmetricLossOptions, asymmetricLoss } from "./asymmetric-loss.js";
export {
  type AsymmetricSingleLabelOptions,
  asymmetricLossSingleLabel,
} from "./asymmetric-loss-single-label.js";
export { balancedClassWeights } from "./balanced-class-weights.js";
export { checkBatch } from "./kernel/check-batch.js";
export type { LossOptions } from "./kernel/loss-settings.js";
export { registerKernels } from "./kernel/register-kernels.js";
// Other losses for partial labels
export {
  type AssumeNegativeOptions,
  assumeNegativeLoss,
  weakAssumeNegativeLoss,
} from "./losses/assume-negative-loss.js";
export {
  type EntropyMaximizationOptions,
  entropyMaximizationLoss,
} from "./losses/entropy-maximization-loss.js";
export type { EntrywiseOptions } from "./losses/entrywise-loss.js";
export { type ExpectedPositivesOptions, expectedPositivesLoss } from "./losses/expected-positives-loss.js";
export { type FocalOptions, focalLoss } from "./losses/focal-loss.js";
export { stopGradient } from "./losses/formulas.js";
export { type GeneralizedRobustOptions, generalizedRobustLoss } from "./losses/generalized-robust-loss.js";
export { type HillOptions, hillLoss } from "./losses/hill-loss.js";
export { type LargeLossOptions, largeLoss } from "./losses/large-loss.js";
export { type RoleOptions, roleLoss } from "./losses/role-loss.js";
export { type SplcOptions, splcLoss } from "./losses/splc-loss.js";
export { compileLoss, partialLoss, unannotatedWeights } from "./partial-loss.js";
export { ignore, negative } from "./policies/fixed-weights.js";
export { type NormalizedOptions, normalized } from "./policies/normalized.js";
export { type SelectiveOptions, selective } from "./policies/selective.js";
export type { LabelledTensors, LabelledValues, UnannotatedPolicy } from "./policies/unannotated-policy.js";
// Class priors
export { type ChosenSelection, chooseSelection } from "./prior/choose-selection.js";
export { ClassPriorEstimator } from "./prior/class-prior-estimator.js";
export type { AnnotatedPrior } from "./prior/expected-frequencies.js";
export { type ParsePriorOptions, parsePrior } from "./prior/parse-prior.js";
export { type Prior, priorVector, topClasses } from "./prior/prior.js";
export type { ParsedPrior } from "./prior/prior-csv.js";
export { stringifyPrior } from "./prior/prior-json.js";
export { rankCorrelation } from "./prior/rank-correlation.js";
// Losses that learn about the samples while a model trains
export {
  type LabelCorrectionTrainingOptions,
  labelCorrectionTraining,
} from "./training/label-correction-training.js";
export { type PseudoLabelTrainingOptions, pseudoLabelTraining } from "./training/pseudo-label-training.js";
export { type RoleTrainingOptions, roleTraining } from "./training/role-training.js";
export type { TrainingSet } from "./training/sample-table.js";
export type { LossPlace, LossWithMemory, ObservedBatch, TrainingLoss } from "./training/training-loss.js";
