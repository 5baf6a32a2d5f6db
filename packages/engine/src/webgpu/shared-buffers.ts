import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GpuBackend, Place } from "./gpu-backend.js";

const usage = (): number => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** A buffer that tensors share. It goes back when the last of them has gone. */
export class SharedBuffer {
  readonly #backend: GpuBackend;
  readonly buffer: GPUBuffer;
  #used = 0;
  #tensors = 0;

  constructor(backend: GpuBackend, bytes: number) {
    this.#backend = backend;
    this.buffer = backend.bufferManager.acquireBuffer(bytes, usage());
  }

  get isFree(): boolean {
    return this.#tensors === 0;
  }

  /** A part of the buffer, after those that are taken; undefined when it is full. */
  take(bytes: number): Place | undefined {
    if (this.isFree) this.#used = 0;
    const offset = this.#used;
    const { minStorageBufferOffsetAlignment: step } = this.#backend.device.limits;
    const end = offset + Math.ceil(bytes / step) * step;
    if (end > this.buffer.size) return undefined;
    this.#used = end;
    this.#tensors++;
    return { offset, bytes, release: () => this.#leave() };
  }

  /** Called when the last tensor has gone. */
  onFree?: () => void;

  #leave(): void {
    this.#tensors--;
    if (this.#tensors === 0) this.onFree?.();
  }
}

/**
 * Tensors that are made, read and freed together, side by side in few buffers: a kernel over many of them then needs one
 * dispatch for each buffer, not for each tensor. Each buffer is filled from its start again once all of it is free.
 */
export class SharedBuffers {
  readonly #backend: GpuBackend;
  readonly #bytes: number;
  readonly #buffers: SharedBuffer[] = [];

  constructor(backend: GpuBackend, bytes: number) {
    this.#backend = backend;
    this.#bytes = bytes;
  }

  /** A new float32 tensor. */
  make(shape: number[]): TensorInfo {
    const tensor = this.#backend.makeTensorInfo(shape, "float32");
    const bytes = 4 * util.sizeFromShape(shape);
    if (bytes === 0 || bytes > this.#bytes) return tensor; // a buffer of its own
    const data = this.#backend.tensorMap.get(tensor.dataId);
    for (const shared of this.#buffers) {
      data.place = shared.take(bytes);
      if (!data.place) continue;
      data.resource = shared.buffer;
      return tensor;
    }
    this.#buffers.push(new SharedBuffer(this.#backend, this.#bytes));
    data.place = this.#buffers.at(-1)!.take(bytes)!;
    data.resource = this.#buffers.at(-1)!.buffer;
    return tensor;
  }
}
