export type { Dataset, DatasetKind, Split } from "./dataset.js";
export { detectDataset, requireData } from "./detect-dataset.js";
export { type DatasetReporter, type OpenDatasetOptions, openDataset } from "./open-dataset.js";
export { formatReport } from "./own-labels/format-report.js";
export {
  type Problem,
  type ProblemCounts,
  type ProblemKind,
  problemKinds,
} from "./own-labels/problem-log.js";
export { readClassList } from "./own-labels/read-class-list.js";
export {
  type CustomLabels,
  type ReadCustomOptions,
  readCustomLabels,
} from "./own-labels/read-custom-labels.js";
export { splitCustomLabels } from "./own-labels/split-custom-labels.js";
export { type Report, validateCustomLabels } from "./own-labels/validate-custom-labels.js";
export { requireSameClasses } from "./require-same-classes.js";
export { requireScorable } from "./require-scorable.js";
export { guardOverlap, splitOverlap } from "./split-overlap.js";
