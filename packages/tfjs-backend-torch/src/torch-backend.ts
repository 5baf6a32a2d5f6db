import * as tf from "@tensorflow/tfjs-core";
import { type Argument, type Binding, type Handle, type Result, scalarTypeOf } from "./binding.js";

type Values = tf.backend_util.BackendValues;

/** What stands behind a DataId: a tensor of libtorch, values that were not needed there yet, strings, or two parts. */
interface Stored {
  shape: number[];
  dtype: tf.DataType;
  refCount: number;
  handle: Handle;
  values?: Values | undefined;
  complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
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
  readonly #data: tf.DataStorage<Stored>;
  readonly #operators = new Map<string, number>();

  constructor(binding: Binding, { device = "cpu" }: { device?: string } = {}) {
    super();
    this.binding = binding;
    this.device = device;
    this.#data = new tf.DataStorage(this, tf.engine());
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

  /** The tensor behind a TensorInfo, uploaded at its first use. It stays the backend's. */
  handleOf({ dataId }: { dataId: tf.DataId }): Handle {
    const stored = this.#data.get(dataId);
    if (stored.handle === 0) {
      const { values, shape, dtype } = stored;
      stored.handle = this.binding.upload(asTyped(values!, dtype), shape, scalarTypeOf(dtype), this.device);
      stored.values = undefined;
    }
    return stored.handle;
  }

  /** Whether the tensor lies under the shape that TensorFlow.js sees; a reshape changes only the latter. */
  hasShape({ dataId, shape }: tf.TensorInfo): boolean {
    const stored = this.#data.get(dataId).shape;
    if (stored === shape) return true;
    if (stored.length !== shape.length) return false;
    for (let i = 0; i < shape.length; i++) if (stored[i] !== shape[i]) return false;
    return true;
  }

  /** Makes a handle a tensor of TensorFlow.js, which owns it from now on. */
  adopt(handle: Handle, shape: number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { shape, dtype, refCount: 1, handle });
    return { dataId, shape, dtype };
  }

  /** Replaces the tensor behind a DataId by another of the same shape; for kernels that update in place. */
  replace(dataId: tf.DataId, handle: Handle): void {
    const stored = this.#data.get(dataId);
    if (stored.handle !== 0) this.binding.free(stored.handle);
    stored.handle = handle;
    stored.values = undefined;
  }

  override write(values: Values, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tf.DataId,
    values: Values,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    // The values may be the caller's array, which may change before the first use: a plain copy is cheaper than surprise.
    const own = ArrayBuffer.isView(values) ? (values.slice() as Values) : values;
    this.#data.set(dataId, { shape, dtype, refCount, handle: 0, values: own });
  }

  /** A complex64 tensor: its parts are tensors of their own, which it keeps alive. */
  storeComplex(shape: number[], real: tf.TensorInfo, imag: tf.TensorInfo): tf.TensorInfo {
    const dataId = {};
    this.#data.set(dataId, {
      shape,
      dtype: "complex64",
      refCount: 1,
      handle: 0,
      complexTensorInfos: { real, imag },
    });
    return { dataId, shape, dtype: "complex64" };
  }

  partsOf(dataId: tf.DataId): { real: tf.TensorInfo; imag: tf.TensorInfo } {
    return this.#data.get(dataId).complexTensorInfos!;
  }

  override readSync(dataId: tf.DataId): Values {
    const { handle, values, dtype, shape, complexTensorInfos } = this.#data.get(dataId);
    if (complexTensorInfos) {
      const real = this.readSync(complexTensorInfos.real.dataId) as Float32Array;
      const imag = this.readSync(complexTensorInfos.imag.dataId) as Float32Array;
      return tf.backend_util.mergeRealAndImagArrays(real, imag);
    }
    if (handle === 0) return ArrayBuffer.isView(values) ? (values.slice() as Values) : values!;
    const size = tf.util.sizeFromShape(shape);
    const array = tf.util.getTypedArrayFromDType(dtype as "float32", size);
    this.binding.download(handle, array);
    return array;
  }

  override async read(dataId: tf.DataId): Promise<Values> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const stored = this.#data.get(dataId);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    if (stored.handle !== 0) this.binding.free(stored.handle);
    if (stored.complexTensorInfos) {
      this.disposeData(stored.complexTensorInfos.real.dataId, true);
      this.disposeData(stored.complexTensorInfos.imag.dataId, true);
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
    return this.#data.numDataIds();
  }

  override memory(): { unreliable: boolean; handles: number } {
    return { unreliable: true, handles: this.binding.liveHandles() };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(body: () => void): Promise<tf.BackendTimingInfo> {
    const start = process.hrtime.bigint();
    body();
    return { kernelMs: Number(process.hrtime.bigint() - start) / 1e6 };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {}
}

/** Plain arrays, which TensorFlow.js allows, as the typed array of their type. */
function asTyped(values: Values, dtype: tf.DataType): ArrayBufferView {
  if (ArrayBuffer.isView(values)) {
    if (dtype === "int32" && !(values instanceof Int32Array))
      return Int32Array.from(values as ArrayLike<number>);
    return values;
  }
  return tf.util.toTypedArray(values as unknown as tf.TensorLike, dtype) as ArrayBufferView;
}
