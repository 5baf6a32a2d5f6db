export type { AnnotatedScores, ScoreSource } from "./annotated-scores.js";
export { averagePrecision } from "./average-precision.js";
export { type AveragePrecisionInterval, averagePrecisionInterval } from "./average-precision-interval.js";
export type { Estimate } from "./bootstrap-estimate.js";
export {
  type BootstrapInput,
  type BootstrapMap,
  type BootstrapOptions,
  bootstrapMap,
  type DifferenceEstimate,
  type MapEstimates,
} from "./bootstrap-map.js";
export { type BucketMap, bucketMap } from "./bucket-map.js";
export {
  type Calibration,
  type CalibrationFigures,
  type CalibrationOptions,
  type ClassCalibration,
  calibration,
} from "./calibration.js";
export {
  type ChooseThresholdsOptions,
  type ChosenThresholds,
  type ClassThreshold,
  chooseThresholds,
} from "./choose-thresholds.js";
export type { AveragePrecisionOptions } from "./class-average-precision.js";
export type { ClassMetrics, SkipReason } from "./class-metrics.js";
export type { ScoreKind } from "./class-probabilities.js";
export {
  type ClassKnowledge,
  compareProtocols,
  type ProtocolResult,
} from "./compare-protocols.js";
export { type EmptyClass, emptyClassRules } from "./empty-class.js";
export { type EvaluateInput, type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
export { type FitTemperatureOptions, type FittedTemperature, fitTemperature } from "./fit-temperature.js";
export { formatProtocols } from "./format-protocols.js";
export { frequencyBuckets } from "./frequency-buckets.js";
export { frequencyGroups } from "./frequency-groups.js";
export type { Interpolation } from "./interpolation.js";
export { chanceLevel, type MeanAveragePrecision, meanAveragePrecision } from "./mean-average-precision.js";
export { type AccumulatorOptions, type ComputeOptions, MetricAccumulator } from "./metric-accumulator.js";
export type { NumberArray } from "./number-array.js";
export { type ClassInfo, perClassCsv } from "./per-class-csv.js";
export { PrecisionRecallAccumulator } from "./precision-recall-accumulator.js";
export {
  type ClassDecisions,
  type PrecisionRecallF1,
  type PrecisionRecallF1Input,
  type PrecisionRecallF1Options,
  precisionRecallF1,
} from "./precision-recall-f1.js";
export { precisionRecallF1At } from "./precision-recall-f1-at.js";
export { type Protocol, protocols } from "./protocols.js";
export {
  RankingAccumulator,
  type RankingMetrics,
  type RankingOptions,
  rankingMetrics,
} from "./ranking-metrics.js";
export type { ReliabilityBin } from "./reliability-bins.js";
export { fBeta, recallAtPrecision, type ThresholdCriterion } from "./threshold-criterion.js";
export type { TopK } from "./top-k.js";
