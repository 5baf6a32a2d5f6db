export {
  type Problem,
  type ProblemCounts,
  type ProblemKind,
  problemKinds,
} from "./custom-labels/problem-log.js";
export { readClassList } from "./custom-labels/read-class-list.js";
export {
  type CustomLabels,
  type ReadCustomOptions,
  readCustomLabels,
  splitCustomLabels,
} from "./custom-labels/read-custom-labels.js";
export {
  type CustomLabelsReport,
  formatCustomLabelsReport,
  validateCustomLabels,
} from "./custom-labels/validate-custom-labels.js";
export type { Dataset, DatasetKind, Split, SplitImages } from "./dataset.js";
export { type Detection, detectDataset } from "./detect-dataset.js";
export { type FindImagesOptions, findImages } from "./images/find-images.js";
export type { FoundImages } from "./images/image-places.js";
export { type DatasetReporter, type OpenDatasetOptions, openDataset } from "./open-dataset.js";
export { type OverlapSplit, type SplitOverlap, splitOverlap } from "./split-overlap.js";
