import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";

/**
 * Plain-array access to the tensors of TensorFlow.js's `cpu` backend. Its own ops run a few nanoseconds per element
 * and op, so one loop of ours replaces a chain of them. (Not for wasm: its ops are SIMD and beat loops in JavaScript.)
 */
export interface FlatMemory {
  allocate(shape: readonly number[]): TensorInfo;
  view(info: TensorInfo): Float32Array;
}

interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): TensorInfo;
  readSync(dataId: object): Float32Array;
}

/** The backends whose tensors are plain arrays. */
export function hasFlatMemory(backendName: string): boolean {
  return backendName === "cpu";
}

export function flatMemory(backend: KernelBackend): FlatMemory {
  const cpu = backend as unknown as CpuBackend;
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  return {
    allocate: (shape) => cpu.makeTensorInfo([...shape], "float32", new Float32Array(size(shape))),
    view: (info) => cpu.readSync(info.dataId),
  };
}
