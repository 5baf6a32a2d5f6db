export type { ModelFacts } from "./network/describe.js";
export type { ExportedModel } from "./network/exported-model.js";
export { exportOnnx, type OnnxOptions } from "./onnx/export-onnx.js";
export type { FileParts } from "./onnx/model-file.js";
export type { Precision } from "./onnx/precision.js";
export { type TimmModel, timmStateDict } from "./timm/timm-state-dict.js";
