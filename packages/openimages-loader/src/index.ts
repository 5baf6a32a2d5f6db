export { type ImageId, imageId } from "./image-id.js";
export type { ConflictPolicy } from "./label-mark.js";
export { formatLabelReport, type LabelReport } from "./label-report.js";
export type { RowProblem } from "./label-scanner.js";
export { type ImageLabels, type ReadLabelFilesOptions, readLabelFiles } from "./read-label-files.js";
