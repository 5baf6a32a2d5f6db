import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./gpu-backend.js";
import { copyNumbers, placeTensors } from "./memory/place-tensors.js";
import { SharedBuffers } from "./memory/shared-buffers.js";
import { type Dispatch, type Element, runShader, type ShaderBuffer } from "./run-shader.js";

const mebi = 2 ** 20;

/** What our kernels need of a webgpu backend. */
export class Gpu {
  readonly backend: GpuBackend;
  /** Gradients of parameters: they are read together by the optimizer, and freed together. */
  readonly gradients: SharedBuffers;
  /** Means and variances of a batch: they are read together when the running ones are updated. */
  readonly statistics: SharedBuffers;

  constructor(backend: GpuBackend) {
    this.backend = backend;
    placeTensors(backend);
    this.gradients = new SharedBuffers(backend, { first: 4 * mebi, largest: 64 * mebi });
    this.statistics = new SharedBuffers(backend, { first: mebi / 2, largest: 16 * mebi });
  }

  /** A new float32 tensor. */
  make(shape: number[]): TensorInfo {
    return this.backend.makeTensorInfo(shape, "float32");
  }

  /** A new tensor of the network's activations: float16 where that is asked for and its channels fill vectors of 4. */
  makeActivation(shape: number[]): TensorInfo {
    const tensor = this.make(shape);
    if (halves && shape.at(-1)! % 4 === 0) this.#allocateHalf(tensor);
    return tensor;
  }

  #allocateHalf({ dataId, shape }: TensorInfo): void {
    const data = this.backend.tensorMap.get(dataId);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    data.resource = this.backend.bufferManager.acquireBuffer(2 * util.sizeFromShape(shape), usage);
    data.half = true;
  }

  /** Numbers between two passes of one kernel. `free` them after the last pass is recorded. */
  scratch(size: number): TensorInfo {
    return this.make([size]);
  }

  free(...tensors: TensorInfo[]): void {
    for (const { dataId } of tensors) this.backend.disposeData(dataId);
  }

  /** Buffers as tensors, for one dispatch: all of each, whatever tensors share it. */
  withWholes(buffers: readonly GPUBuffer[], use: (tensors: TensorInfo[]) => void): void {
    const tensors = buffers.map(({ size }) => this.make([size / 4]));
    const data = tensors.map(({ dataId }) => this.backend.tensorMap.get(dataId));
    for (const [i, each] of data.entries()) each.resource = buffers[i]!;
    use([...tensors]);
    for (const each of data) each.resource = null; // not theirs to release
    this.free(...tensors);
  }

  /** Where a tensor begins in its buffer, in numbers. */
  offset({ dataId }: TensorInfo): number {
    return (this.backend.tensorMap.get(dataId).place?.offset ?? 0) / 4;
  }

  /** The same numbers in a buffer of their own. */
  copy(tensor: TensorInfo): TensorInfo {
    const copy = this.make(tensor.shape);
    this.backend.uploadToGPU(copy.dataId);
    const from = this.backend.tensorToBinding(tensor);
    const bytes = 4 * util.sizeFromShape(tensor.shape);
    copyNumbers(this.backend, from, this.backend.tensorToBinding(copy), bytes);
    return copy;
  }

  run(dispatch: Dispatch): void {
    runShader(this.backend, dispatch);
  }

  /** Whether the numbers are float32 in fact: a cast of whole numbers leaves them whole and calls them float32. */
  isFloat({ dataId }: TensorInfo): boolean {
    return this.backend.tensorMap.get(dataId).dtype === "float32";
  }

  isHalf({ dataId }: TensorInfo): boolean {
    return this.backend.tensorMap.get(dataId).half === true;
  }

  /** A tensor as a buffer of numbers, or of vectors of four where `vectors`. */
  read(tensor: TensorInfo, vectors: boolean): ShaderBuffer {
    return { tensor, element: this.#element(tensor, vectors) };
  }

  write(tensor: TensorInfo, vectors: boolean): ShaderBuffer {
    return { tensor, element: this.#element(tensor, vectors), write: true };
  }

  #element(tensor: TensorInfo, vectors: boolean): Element {
    if (!this.isFloat(tensor)) return vectors ? "int4" : "int";
    if (!this.isHalf(tensor)) return vectors ? "vec4f" : "f32";
    if (vectors) return "half4";
    this.backend.uploadToGPU(tensor.dataId); // makes float32 of it
    return "f32";
  }
}

let halves = false;

/** Whether activations are stored as float16 from now on, on every backend. */
export function storeHalves(wanted: boolean): void {
  halves = wanted;
}

const gpus = new WeakMap<object, Gpu>();

export function gpuOf(backend: unknown): Gpu {
  const known = gpus.get(backend as object);
  if (known) return known;
  const gpu = new Gpu(backend as GpuBackend);
  gpus.set(backend as object, gpu);
  return gpu;
}
