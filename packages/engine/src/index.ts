export { type BuildTensorflowOptions, buildTensorflow } from "./build-tensorflow.js";
export type { CapturedStep, CaptureStep } from "./capture-step.js";
export type { EngineDriver, Precision, Probe, Started, StartOptions } from "./engine-driver.js";
export { type EngineName, engineNames } from "./engine-name.js";
export { formatEngines } from "./format-engines.js";
export { type EngineReport, listEngines } from "./list-engines.js";
export { registerWasmKernels } from "./register-wasm-kernels.js";
export { type Engine, type StartEngineOptions, startEngine } from "./start-engine.js";
export { buildTorch } from "./torch-engine.js";
