import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { Handle } from "./binding.js";

/** What stands behind a DataId: a tensor of libtorch; or strings; or the two parts of a complex tensor. */
export interface TensorRecord {
  shape: number[];
  dtype: tf.DataType;
  refCount: number;
  /** 0 for strings and complex numbers. */
  handle: Handle;
  /** bfloat16 under dtype float32. */
  reduced?: boolean;
  strings?: Uint8Array[];
  complexTensorInfos?: { real: tf.TensorInfo; imag: tf.TensorInfo };
}

const disposed = (): CslError =>
  new CslError("closed", "torch: a tensor was used after it had been disposed of.");

/** A DataId of this backend's making is the place of its record: nothing is looked up, some thousand times a step. */
class Slot {
  record: TensorRecord | undefined;
  store: TensorStore | undefined;
}

/**
 * The records of a backend by DataId, in the place of TensorFlow.js's DataStorage. What it does not have is moved here
 * from the backend that has it.
 */
export class TensorStore {
  readonly #backend: tf.KernelBackend;
  /** For ids that another backend made. */
  readonly #foreign = new WeakMap<object, Slot>();
  #count = 0;
  #moving: tf.DataId | undefined;

  constructor(backend: tf.KernelBackend) {
    this.#backend = backend;
  }

  get count(): number {
    return this.#count;
  }

  /** Keeps a record under a new id. */
  add(record: TensorRecord): tf.DataId {
    const slot = new Slot();
    slot.record = record;
    slot.store = this;
    this.#count++;
    return slot;
  }

  set(dataId: tf.DataId, record: TensorRecord): void {
    let slot = this.#slotOf(dataId);
    if (!slot) {
      slot = dataId instanceof Slot ? dataId : new Slot();
      if (slot !== dataId) this.#foreign.set(dataId, slot);
      this.#count++;
    }
    slot.record = record;
    slot.store = this;
  }

  has(dataId: tf.DataId): boolean {
    return this.#slotOf(dataId) !== undefined;
  }

  /** @throws when no backend has it: it was disposed of */
  get(dataId: tf.DataId): TensorRecord {
    return (this.#slotOf(dataId) ?? this.#fetch(dataId)).record!;
  }

  delete(dataId: tf.DataId): void {
    const slot = this.#slotOf(dataId);
    if (!slot) return;
    slot.record = undefined;
    slot.store = undefined;
    this.#count--;
  }

  #slotOf(dataId: tf.DataId): Slot | undefined {
    const slot = dataId instanceof Slot ? dataId : this.#foreign.get(dataId);
    return slot?.store === this ? slot : undefined;
  }

  #fetch(dataId: tf.DataId): Slot {
    // The engine would ask us for what it believes to be here, without end.
    if (this.#moving === dataId) throw disposed();
    const outer = this.#moving;
    this.#moving = dataId;
    try {
      tf.engine().moveData(this.#backend, dataId);
    } catch (error) {
      // Nor does it know a tensor that is no more.
      throw error instanceof TypeError ? disposed() : error;
    } finally {
      this.#moving = outer;
    }
    return this.#slotOf(dataId)!;
  }
}
