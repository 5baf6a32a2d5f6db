import type { TensorInfo } from "@tensorflow/tfjs-core";

/** What TensorFlow.js's webgpu backend knows about one tensor's data, and what we add to it. */
export interface TensorData {
  dtype: string;
  values: unknown;
  refCount: number;
  resource: GPUBuffer | null | undefined;
  /** Where the numbers lie if they share `resource` with other tensors. */
  place?: Place | undefined;
  /** The numbers are stored as float16: only our kernels read them as they are. */
  half?: boolean | undefined;
}

/** A part of a buffer. */
export interface Place {
  /** In bytes, as a binding wants it: a multiple of the device's alignment. */
  readonly offset: number;
  readonly bytes: number;
  /** Where in a list of tensors that share buffers, if in one. */
  readonly slot?: { list: object; role: string; index: number };
  /** Called when the tensor goes. */
  release(): void;
}

export interface Binding {
  buffer: GPUBuffer;
  offset?: number;
  size?: number;
}

/**
 * The parts of TensorFlow.js's WebGPUBackend that our kernels work with, its private ones included: buffers, cache of
 * pipelines, uniforms and batches of submissions are the backend's, so that its kernels and ours are one stream.
 */
export interface GpuBackend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(dataId: object): TensorData; has(dataId: object): boolean };
  readonly bufferManager: {
    acquireBuffer(bytes: number, usage: number): GPUBuffer;
    releaseBuffer(buffer: GPUBuffer): void;
  };
  readonly pipelineCache: Record<string, GPUComputePipeline>;
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly commandEncoder: GPUCommandEncoder;
  makeTensorInfo(shape: number[], dtype: string, values?: Int32Array): TensorInfo;
  disposeData(dataId: object, force?: boolean): boolean;
  refCount(dataId: object): number;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  recordAndSubmit(
    program: { pipeline: GPUComputePipeline; dispatch: [number, number, number]; pixelsOpType: number },
    output: TensorInfo,
    inputs: TensorInfo[],
    uniforms: { type: string; data: number[] }[],
  ): void;
  // These four are replaced by `placeTensors`.
  tensorToBinding(tensor: TensorInfo): Binding;
  uploadToGPU(dataId: object): void;
  releaseResource(dataId: object): void;
  read(dataId: object): Promise<unknown>;
  readSync(dataId: object): unknown;
  readToGPU(dataId: object): unknown;
}
