export { findPictures } from "./find-pictures.js";
export { formatReport } from "./format-report.js";
export { type Problem, type ProblemCounts, type ProblemKind, problemKinds } from "./problem-log.js";
export { readClassList } from "./read-class-list.js";
export { type CustomLabels, type ReadCustomOptions, readCustomLabels } from "./read-custom-labels.js";
export { splitCustomLabels } from "./split-custom-labels.js";
export { type Report, validateCustomLabels } from "./validate-custom-labels.js";
