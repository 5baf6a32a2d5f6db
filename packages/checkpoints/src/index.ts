export { readSafetensors, type SafeTensor, writeSafetensors } from "./safetensors.js";
export { openTorchFile, type TorchFile } from "./torch/open-torch-file.js";
export type { PythonObject, PythonValue } from "./torch/python-value.js";
export { readTorchStateDict, type TorchStateDict } from "./torch/read-torch-state-dict.js";
export type { TorchDtype } from "./torch/torch-dtype.js";
export { isTorchTensor, type TorchStorage, type TorchTensor } from "./torch/torch-tensor.js";
