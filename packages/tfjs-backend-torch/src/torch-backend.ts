import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Argument,
  type Binding,
  type DeviceMemory,
  type Handle,
  type Result,
  ScalarType,
  scalarTypeOf,
} from "./binding.js";
import type { Precision } from "./precision.js";
import { type TensorRecord, TensorStore } from "./tensor-store.js";

type Values = tf.backend_util.BackendValues;

/** What `tf.memory()` says on this backend besides TensorFlow.js's own counts. */
export interface TorchMemory {
  unreliable: boolean;
  reasons: string[];
  /** Live tensors of libtorch in the process. */
  handles: number;
  cuda?: DeviceMemory;
  /** Tensors of 256 KB and more in host memory; what they leave is kept (`reserved`) for others, up to the most that was ever used. */
  host?: DeviceMemory;
}

/**
 * A TensorFlow.js backend whose tensors live in libtorch. A tensor is row-major in TensorFlow.js's order of axes; NHWC
 * data is what libtorch calls channels-last, so that no copy is needed for convolutions.
 *
 * Kernels see it through `op` and `keep` (define-kernel.ts), which own the handles.
 */
export class TorchBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly device: string;
  /** How activations are stored. Weights, statistics, losses and reductions are float32 either way. */
  readonly precision: Precision;
  /** A Uint8Array may be written as int32: the bytes travel, and become numbers where they arrive. @csl/trainer asks. */
  readonly takesBytes: boolean;
  /** CslAdam takes a guard, so that nobody need look at a step's numbers before it is taken. @csl/trainer asks. */
  readonly guardsSteps: boolean;
  /** What is computed now is recorded (captureStep). */
  recording = false;
  /** Copies numbers of the host into a new tensor. captureStep stands in for it while a step is recorded. */
  upload: (values: ArrayBufferView, shape: readonly number[], scalarType: number) => Handle;
  readonly #data: TensorStore;
  readonly #operators = new Map<string, number>();
  readonly #fused = new Map<string, number>();

  constructor(binding: Binding, options: { device?: string; precision?: Precision } = {}) {
    super();
    checkOptions("TorchBackend", options, { device: true, precision: true });
    const { device = "cpu", precision = "float32" } = options;
    this.precision = precision;
    this.binding = binding;
    this.device = device;
    this.takesBytes = device !== "cpu";
    this.guardsSteps = device !== "cpu";
    this.upload = (values, shape, scalarType) => binding.upload(values, shape, scalarType, device);
    this.#data = new TensorStore(this);
  }

  /** Calls an operator such as "add.Tensor" or "aten::mm"; new handles belong to the caller. */
  call(name: string, ...args: Argument[]): Result {
    let id = this.#operators.get(name);
    if (id === undefined) {
      const [base = "", overload = ""] = name.split(".");
      id = this.binding.findOperator(base.includes("::") ? base : `aten::${base}`, overload);
      this.#operators.set(name, id);
    }
    return this.binding.callOperator(id, ...args);
  }

  /** Calls a sequence of binding/fused*.cc; new handles belong to the caller. */
  callFused(name: string, tensors: readonly Handle[], numbers: readonly number[]): Handle[] {
    let id = this.#fused.get(name);
    if (id === undefined) {
      id = this.binding.findFused(name);
      this.#fused.set(name, id);
    }
    return this.binding.callFused(id, tensors, numbers);
  }

  /** The tensor behind a TensorInfo. It stays the backend's. @throws for strings and complex numbers */
  handleOf(input: { dataId: tf.DataId }): Handle {
    return this.numericOf(input).handle;
  }

  /** What is known of a numeric tensor: its handle, the shape under which it lies, whether it is in reduced precision. */
  numericOf({ dataId }: { dataId: tf.DataId }): Readonly<TensorRecord> {
    const record = this.#data.get(dataId);
    if (record.handle === 0)
      throw new CslError("unsupported", `torch: expected a numeric tensor, got one of type ${record.dtype}.`);
    return record;
  }

  /** Makes a handle a tensor of TensorFlow.js, which owns it from now on. */
  adopt(handle: Handle, shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const reduced =
      this.precision === "bf16" &&
      dtype === "float32" &&
      this.binding.describe(handle).scalarType === ScalarType.bfloat16;
    return { dataId: this.#data.add({ shape, dtype, refCount: 1, handle, reduced }), shape, dtype };
  }

  /** Replaces the tensor behind a DataId by another of the same shape; for kernels that update in place. */
  replace(dataId: tf.DataId, handle: Handle): void {
    const stored = this.#data.get(dataId);
    if (stored.handle !== 0) this.binding.free(stored.handle);
    stored.handle = handle;
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): tf.DataId {
    return this.#data.add(this.#recordOf(values, shape, dtype, 1));
  }

  override move(
    dataId: tf.DataId,
    values: Values,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    this.#data.set(dataId, this.#recordOf(values, shape, dtype, refCount));
  }

  #recordOf(values: Values, shape: number[], dtype: tf.DataType, refCount: number): TensorRecord {
    if (dtype === "string") {
      return { shape, dtype, refCount, handle: 0, strings: (values as Uint8Array[]).slice() };
    }
    // What another backend hands over may be complex: real and imaginary part are distinguished here.
    if (dtype === "complex64") {
      const parts = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (side: Float32Array): tf.TensorInfo => ({
        dataId: this.write(side, shape, "float32"),
        shape,
        dtype: "float32",
      });
      const complexTensorInfos = { real: part(parts.real), imag: part(parts.imag) };
      return { shape, dtype, refCount, handle: 0, complexTensorInfos };
    }
    const array = ArrayBuffer.isView(values)
      ? values
      : tf.util.toTypedArray(values as unknown as tf.TensorLike, dtype);
    const handle = this.upload(array as ArrayBufferView, shape, scalarTypeOf(dtype));
    return { shape, dtype, refCount, handle };
  }

  /** A complex64 tensor: its parts are tensors of their own, which it keeps alive. */
  storeComplex(shape: number[], real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo {
    const dtype = "complex64";
    const complexTensorInfos = { real, imag };
    return {
      dataId: this.#data.add({ shape, dtype, refCount: 1, handle: 0, complexTensorInfos }),
      shape,
      dtype,
    };
  }

  partsOf(dataId: tf.DataId): { real: tf.TensorInfo; imag: tf.TensorInfo } {
    return this.#data.get(dataId).complexTensorInfos!;
  }

  override readSync(dataId: tf.DataId): Values {
    const { handle, dtype, shape, strings, complexTensorInfos } = this.#data.get(dataId);
    if (strings) return strings.slice();
    if (complexTensorInfos) {
      const real = this.readSync(complexTensorInfos.real.dataId) as Float32Array;
      const imag = this.readSync(complexTensorInfos.imag.dataId) as Float32Array;
      return tf.backend_util.mergeRealAndImagArrays(real, imag);
    }
    const array = tf.util.getTypedArrayFromDType(dtype as "float32", tf.util.sizeFromShape(shape));
    this.binding.download(handle, array);
    return array;
  }

  /** On a GPU the copy waits on another thread for what the device still has to do; on the CPU it is done at once. */
  override async read(dataId: tf.DataId): Promise<Values> {
    const { handle, dtype, shape } = this.#data.get(dataId);
    if (this.device === "cpu" || handle === 0) return this.readSync(dataId);
    const array = tf.util.getTypedArrayFromDType(dtype as "float32", tf.util.sizeFromShape(shape));
    await this.binding.downloadAsync(handle, array);
    return array;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const stored = this.#data.get(dataId);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    if (stored.handle !== 0) this.binding.free(stored.handle);
    if (stored.complexTensorInfos) {
      // Not forced: a part may live on as a tensor of its own.
      this.disposeData(stored.complexTensorInfos.real.dataId);
      this.disposeData(stored.complexTensorInfos.imag.dataId);
    }
    this.#data.delete(dataId);
    return true;
  }

  override incRef(dataId: tf.DataId): void {
    this.#data.get(dataId).refCount++;
  }

  override refCount(dataId: tf.DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override numDataIds(): number {
    return this.#data.count;
  }

  override memory(): TorchMemory {
    const [, index] = this.device.split(":");
    const cuda = index === undefined ? null : this.binding.cudaMemory(Number(index));
    const host = this.binding.hostMemory();
    return {
      unreliable: true,
      reasons: ["numBytes counts by TensorFlow.js's types; libtorch's allocator keeps memory for reuse."],
      handles: this.binding.liveHandles(),
      ...(cuda && { cuda }),
      ...(host && { host }),
    };
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** On a GPU the time of the device, from when it had done everything else. */
  override async time(body: () => void): Promise<tf.BackendTimingInfo> {
    if (this.device !== "cpu") {
      const timer = this.binding.startTimer(this.device);
      body();
      return { kernelMs: await this.binding.stopTimer(timer) };
    }
    const start = process.hrtime.bigint();
    body();
    return { kernelMs: Number(process.hrtime.bigint() - start) / 1e6 };
  }

  override floatPrecision(): 16 | 32 {
    return this.precision === "bf16" ? 16 : 32;
  }

  override dispose(): void {}
}
