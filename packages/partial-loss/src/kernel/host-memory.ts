import type * as tf from "@tensorflow/tfjs-core";

type Values = Float32Array | Int32Array | Uint8Array;

/** Plain memory of a backend's tensors, read and written in place. */
export interface HostMemory {
  /** A new float32 tensor and nothing copied. */
  allocate(shape: number[]): tf.TensorInfo;
  /** The tensor's own memory; valid until the next allocation. */
  view(tensor: tf.TensorInfo): Values;
}

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): tf.TensorInfo;
  data: { get(id: object): { values: Values } };
}

interface WasmBackend {
  makeOutput(shape: number[], dtype: "float32"): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Values;
}

/** How to reach the memory of the backends that keep it in this process, by backend name. */
export const hostMemories: Record<string, (backend: unknown) => HostMemory> = {
  cpu: (backend) => {
    const cpu = backend as CpuBackend;
    return {
      allocate: (shape) =>
        cpu.makeTensorInfo(shape, "float32", new Float32Array(shape.reduce((size, side) => size * side, 1))),
      view: ({ dataId }) => cpu.data.get(dataId).values,
    };
  },
  wasm: (backend) => {
    const wasm = backend as WasmBackend;
    return {
      allocate: (shape) => wasm.makeOutput(shape, "float32"),
      view: (tensor) => wasm.typedArrayFromHeap(tensor),
    };
  },
};
