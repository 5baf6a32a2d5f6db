import type { TensorInfo } from "@tensorflow/tfjs-core";

type Values = Float32Array | Int32Array | Uint8Array;

/** The memory of a backend whose tensors lie in this process, read and written in place. */
export interface HostMemory {
  /** A new float32 tensor; nothing is copied. */
  allocate(shape: number[]): TensorInfo;
  /**
   * The tensor's own memory, brought over from another backend where it still lies there. Valid until the next
   * allocation: the heap of wasm may move. A tensor that is not float32 has another array type: name it.
   */
  view<V extends Values = Float32Array>(tensor: TensorInfo): V;
}

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
  data: { get(dataId: object): { values: Values } };
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: "float32"): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Values;
}

/** How to reach the memory of TensorFlow.js's backends that have such memory, by backend name. */
export const hostMemories: Readonly<Record<string, (backend: unknown) => HostMemory>> = {
  cpu: (backend) => {
    const cpu = backend as CpuBackend;
    return {
      allocate: (shape) =>
        cpu.makeTensorInfo(shape, "float32", new Float32Array(shape.reduce((size, side) => size * side, 1))),
      view: <V extends Values>({ dataId }: TensorInfo) => cpu.data.get(dataId).values as V,
    };
  },
  wasm: (backend) => {
    const wasm = backend as WasmBackend;
    return {
      allocate: (shape) => wasm.makeOutput(shape, "float32"),
      view: <V extends Values>(tensor: TensorInfo) => wasm.typedArrayFromHeap(tensor) as V,
    };
  },
};
