import type { PythonValue } from "./python-value.js";
import type { TorchStorage } from "./torch-tensor.js";

/** One of the ways in which PyTorch has laid out its files. */
export interface TorchForm {
  readonly name: "zip" | "legacy" | "pickle";
  readonly value: PythonValue;
  /** So many bytes of a storage from `from` on, little-endian. */
  readStorage(storage: TorchStorage, from: number, length: number): Promise<ArrayBuffer>;
}
