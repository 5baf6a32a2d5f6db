export { readClassList } from "./custom-labels/read-class-list.js";
export {
  type CustomLabels,
  readCustomLabels,
  splitCustomLabels,
} from "./custom-labels/read-custom-labels.js";
export { formatCustomLabelsReport, validateCustomLabels } from "./custom-labels/validate-custom-labels.js";
export type { Dataset, DatasetKind, Split, SplitImages } from "./dataset.js";
export { detectDataset } from "./detect-dataset.js";
export { findImages } from "./images/find-images.js";
export { type DatasetReporter, type OpenDatasetOptions, openDataset } from "./open-dataset.js";
export { type OverlapSplit, splitOverlap } from "./split-overlap.js";
