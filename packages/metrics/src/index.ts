export { type Calibration, calibration } from "./calibration/calibration.js";
export { fitTemperature } from "./calibration/fit-temperature.js";
export { type Comparison, compareScores, type ScoreComparison } from "./comparison/compare-scores.js";
export type { Looked } from "./comparison/look.js";
export { type ChosenThresholds, chooseThresholds } from "./decisions/choose-thresholds.js";
export type { PrecisionRecallF1 } from "./decisions/decision-counts.js";
export {
  PrecisionRecallAccumulator,
  precisionRecallF1,
  precisionRecallF1At,
} from "./decisions/precision-recall-f1.js";
export { fBeta, recallAtPrecision, type ThresholdCriterion } from "./decisions/threshold-criterion.js";
export { type BucketMap, bucketMap, frequencyGroups } from "./protocols/class-groups.js";
export { type ClassKnowledge, compareProtocols } from "./protocols/compare-protocols.js";
export { formatProtocols, perClassCsv } from "./protocols/format.js";
export { type Protocol, protocols } from "./protocols/protocols.js";
export { averagePrecision, averagePrecisionInterval } from "./ranking/average-precision.js";
export { bootstrapMap } from "./ranking/bootstrap-map.js";
export type { ClassMetrics } from "./ranking/class-metrics.js";
export { type EvaluateOptions, evaluate } from "./ranking/evaluate.js";
export { chanceLevel, type Evaluation, meanAveragePrecision } from "./ranking/evaluation.js";
export { MetricAccumulator } from "./ranking/metric-accumulator.js";
export { RankingAccumulator, rankingMetrics } from "./ranking/ranking-metrics.js";
export { calibrateScores } from "./review/calibrate-scores.js";
export { crossFittedScores } from "./review/cross-fitted-scores.js";
export { findLabelErrors } from "./review/find-label-errors.js";
export { rankQuestions } from "./review/rank-questions.js";
export type { ScoreSource } from "./scores/annotated-scores.js";
