import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { GpuBackend, Place } from "../gpu-backend.js";

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
 * dispatch for each buffer, not for each tensor. One buffer is filled after the other, so that neighbours stay neighbours, and
 * from its start again once all of it is free. Each new one is twice as large as the last.
 */
export class SharedBuffers {
  readonly #backend: GpuBackend;
  readonly #largest: number;
  #next: number;
  readonly #buffers: SharedBuffer[] = [];
  #current: SharedBuffer | undefined;

  /** @param options.first size of the first buffer in bytes; `largest`: what no buffer exceeds */
  constructor(backend: GpuBackend, { first, largest }: { first: number; largest: number }) {
    this.#backend = backend;
    this.#next = first;
    this.#largest = largest;
  }

  /** A new float32 tensor. */
  make(shape: number[]): TensorInfo {
    const tensor = this.#backend.makeTensorInfo(shape, "float32");
    const bytes = 4 * util.sizeFromShape(shape);
    if (bytes === 0 || bytes > this.#largest) return tensor; // a buffer of its own
    const data = this.#backend.tensorMap.get(tensor.dataId);
    data.place = this.#current?.take(bytes);
    if (!data.place) {
      this.#current = this.#free(bytes) ?? this.#add(bytes);
      data.place = this.#current.take(bytes)!;
    }
    data.resource = this.#current!.buffer;
    return tensor;
  }

  #free(bytes: number): SharedBuffer | undefined {
    return this.#buffers.find(({ isFree, buffer }) => isFree && buffer.size >= bytes);
  }

  #add(bytes: number): SharedBuffer {
    while (this.#next < bytes) this.#next *= 2;
    const added = new SharedBuffer(this.#backend, Math.min(this.#next, this.#largest));
    this.#next = Math.min(2 * this.#next, this.#largest);
    this.#buffers.push(added);
    return added;
  }
}
