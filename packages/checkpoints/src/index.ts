export type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
export { type Checkpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { readTrainingSettings } from "./read-training-settings.js";
export { parseSafetensors, readSafetensors, type SafeTensor, writeSafetensors } from "./safetensors.js";
export type { UnreadTensor } from "./safetensors-layout.js";
export { openTorchFile } from "./torch/open-torch-file.js";
export { readTorchFile } from "./torch/read-torch-file.js";
export { isTorchTensor, type TorchTensor } from "./torch/torch-tensor.js";
export type { AdamState, Best, Classes, Progress, SettingsChange, TrainingState } from "./training-state.js";
