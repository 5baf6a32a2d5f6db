import { CslError } from "@csl/internal/errors/csl-error";
import type { DataType } from "@tensorflow/tfjs-core";

/** A tensor of libtorch, by number; 0 is none. Its owner frees it. */
export type Handle = number;

/** A tensor of libtorch in the hands of another binding of this process. */
export type SharedTensor = { readonly shared: unique symbol };

/** An argument of an operator, by the type its schema names; null is None, undefined the schema's default. */
export type Argument = Handle | boolean | string | null | undefined | readonly (number | boolean | null)[];

/** What an operator returns: a handle or a scalar, or several. */
export type Result = number | boolean | null | (number | number[])[];

/** The native side as TypeScript sees it (binding/addon.cc). Every function throws what `isCslError` recognises, code `failed`, with
 * libtorch's message. */
export interface Binding {
  /** libtorch's version, e.g. "2.13.0". */
  readonly version: string;
  findOperator(name: string, overload: string): number;
  callOperator(id: number, ...args: Argument[]): Result;
  /** Copies the array into a new tensor. `scalarType` is one of `ScalarType`. */
  upload(values: ArrayBufferView, shape: readonly number[], scalarType: number, device: string): Handle;
  /** Fills the array, converting to its element type. */
  download(handle: Handle, into: ArrayBufferView): void;
  /** The same on another thread; the handle may be freed meanwhile, the array must not be touched. */
  downloadAsync(handle: Handle, into: ArrayBufferView): Promise<ArrayBufferView>;
  free(handle: Handle): void;
  /** The tensor itself, for the binding of distributed/: it may read and write it while the handle lives and after. */
  shareTensor(handle: Handle): SharedTensor;
  /** Sequences in C++ (binding/fused*.cc): tensors and numbers in, tensors out; 0 stands for an absent tensor. */
  findFused(name: string): number;
  callFused(id: number, tensors: readonly Handle[], numbers: readonly number[]): Handle[];
  describe(handle: Handle): { shape: number[]; scalarType: number; contiguous: boolean; device: string };
  /** libtorch's name of the device that "cuda" stands for; tests put another in its place. Default: cuda. */
  readonly accelerator?: string;
  /** How many devices of that kind there are. */
  deviceCount(kind: string): number;
  /** Makes a device, such as "cuda:1", the one that this thread means where nothing else is said. */
  takeDevice(name: string): void;
  /** CUDA's compute capability of a device, such as [9, 0]; null where it cannot be asked for. */
  deviceCapability(index: number): [major: number, minor: number] | null;
  /** Begins to measure time on a device, from when all that was queued before is done. The id is for `stopTimer`. */
  startTimer(device: string): number;
  /** Milliseconds until the device has done all that was queued since. */
  stopTimer(timer: number): Promise<number>;
  liveHandles(): number;
  /** From now on large blocks of host memory are kept for the next tensor. False where the system does not support it. */
  reuseMemory(): boolean;
  /** Bytes of those blocks; null where `reuseMemory` does nothing. */
  hostMemory(): DeviceMemory | null;
  setThreads(count: number): void;
  hasCuda(): boolean;
  /** Products of float32 in TF32; cudnn times its algorithms at every new shape and takes the fastest. */
  setCudaMath(tf32: boolean, cudnnBenchmark: boolean): void;
  /** Bytes of libtorch's caching allocator on a CUDA device; null before its first use, and without CUDA's headers. */
  cudaMemory(index: number): DeviceMemory | null;
  /** CUDA graphs (binding/cuda-graph.cc); absent where the binding was built without CUDA's headers. */
  beginGraph?(device: number): void;
  endGraph?(): number;
  replayGraph?(id: number): void;
  freeGraph?(id: number): void;
}

export interface DeviceMemory {
  /** In tensors now, and the most so far. */
  allocated: number;
  peak: number;
  /** Held from the driver or the system, tensors included. */
  reserved: number;
}

/** c10::ScalarType, the numbers that have been stable since libtorch 1.0. */
export const ScalarType: Readonly<Record<ScalarTypeName, number>> = {
  uint8: 0,
  int8: 1,
  int32: 3,
  int64: 4,
  float32: 6,
  float64: 7,
  bool: 11,
  complex64: 9,
  bfloat16: 15,
};

type ScalarTypeName =
  | "uint8"
  | "int8"
  | "int32"
  | "int64"
  | "float32"
  | "float64"
  | "bool"
  | "complex64"
  | "bfloat16";

const scalarTypes: Partial<Record<DataType, number>> = {
  float32: ScalarType.float32,
  int32: ScalarType.int32,
  bool: ScalarType.bool,
};

/** How a type of TensorFlow.js lies in libtorch. @throws for strings and complex numbers, which do not. */
export function scalarTypeOf(dtype: DataType): number {
  const scalarType = scalarTypes[dtype];
  if (scalarType === undefined)
    throw new CslError("unsupported", `torch: expected a numeric tensor, got one of type ${dtype}.`);
  return scalarType;
}
