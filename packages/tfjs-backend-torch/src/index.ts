export type { DeviceMemory } from "./binding.js";
export { type BuildOptions, bindingPath, buildBinding } from "./build-binding.js";
export { buildTorch } from "./build-torch.js";
export { type CapturedStep, type CaptureOptions, captureStep } from "./capture-step.js";
export type { Libtorch } from "./check-libtorch.js";
export { findLibtorch, type LibtorchSearch, type LibtorchSearchOptions } from "./find-libtorch.js";
export { forwardedKernels } from "./register-kernels.js";
export { probeTorch, startTorch, type TorchOptions } from "./start-torch.js";
export { TorchBackend, type TorchMemory } from "./torch-backend.js";
