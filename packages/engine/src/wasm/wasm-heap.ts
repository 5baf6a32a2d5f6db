import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Address of a tensor's first number on the wasm heap. */
export function addressOf(backend: BackendWasm, { dataId }: TensorInfo): number {
  return (backend as unknown as { dataIdMap: { get(id: object): { memoryOffset: number } } }).dataIdMap.get(
    dataId,
  ).memoryOffset;
}
