export type { FileParts } from "./file-parts.js";
export type { ModelFacts } from "./network/describe.js";
export type { ExportedModel } from "./network/exported-model.js";
export { exportOnnx, type OnnxOptions } from "./onnx/export-onnx.js";
export type { Precision } from "./onnx/precision.js";
export { exportTfjs, type TfjsModel, type TfjsOptions } from "./tfjs/export-tfjs.js";
export { type TimmModel, timmStateDict } from "./timm/timm-state-dict.js";
