export type { DeviceMemory } from "./binding.js";
export { type CapturedStep, type CaptureOptions, captureStep } from "./capture-step.js";
export { joinProcessGroup, type ProcessGroupOptions } from "./distributed/join-process-group.js";
export type { ProcessGroup } from "./distributed/process-group.js";
export { forwardedKernels } from "./register-kernels.js";
export { buildTorch, probeTorch, startTorch, type TorchOptions } from "./start-torch.js";
export { TorchBackend, type TorchMemory } from "./torch-backend.js";
