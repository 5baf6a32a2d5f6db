export { averagePrecision } from "./average-precision.js";
export { type AveragePrecisionInterval, averagePrecisionInterval } from "./average-precision-interval.js";
export { type BucketMap, bucketMap } from "./bucket-map.js";
export type { AveragePrecisionOptions } from "./class-average-precision.js";
export type { ClassMetrics, SkipReason } from "./class-metrics.js";
export {
  type ClassKnowledge,
  compareProtocols,
  type ProtocolResult,
} from "./compare-protocols.js";
export { type EmptyClass, emptyClassRules } from "./empty-class.js";
export { type EvaluateInput, type EvaluateOptions, type Evaluation, evaluate } from "./evaluate.js";
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
export { type Protocol, protocols } from "./protocols.js";
export type { TopK } from "./top-k.js";
