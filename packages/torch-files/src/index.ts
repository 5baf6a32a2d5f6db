// Weights
export { openTorchFile, type TorchFile } from "./open-torch-file.js";
// Pickles of plain values
export type { PythonObject, PythonValue } from "./python-value.js";
export { readTorchStateDict, type TorchStateDict } from "./read-torch-state-dict.js";
export type { TorchDtype } from "./torch-dtype.js";
export { isTorchTensor, type TorchStorage, type TorchTensor } from "./torch-tensor.js";
