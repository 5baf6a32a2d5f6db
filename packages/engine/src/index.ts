export type { CapturedStep, CaptureStep, EngineName, Precision } from "./engine-driver.js";
export { engineNames } from "./engine-driver.js";
export { buildTorch, type JoinOptions, joinProcesses, type ProcessGroup } from "./engines/torch.js";
export { type EngineReport, formatEngines, listEngines } from "./list-engines.js";
export { type Engine, type StartEngineOptions, startEngine } from "./start-engine.js";
export { buildTensorflow } from "./tensorflow/build-tensorflow.js";
export { registerWasmKernels } from "./wasm/register-wasm-kernels.js";
export { registerWebgpuKernels } from "./webgpu/register-webgpu-kernels.js";
