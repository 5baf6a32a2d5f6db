import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, Place, TensorData } from "../gpu-backend.js";
import { copyNumbers } from "./place-tensors.js";
import { SharedBuffer } from "./shared-buffers.js";

type Roles = Readonly<Record<string, readonly tf.TensorInfo[]>>;

/** Lists of tensors of the same sizes, one list for each role: each list in one buffer, at the same offsets. */
export class SharedLists {
  readonly #backend: GpuBackend;
  readonly #places = new Map<string, Place[]>();
  readonly buffers: ReadonlyMap<string, GPUBuffer>;

  private constructor(backend: GpuBackend, roles: Roles) {
    this.#backend = backend;
    const buffers = new Map<string, GPUBuffer>();
    for (const [role, tensors] of Object.entries(roles)) {
      const { shared, places } = takeAll(backend, tensors);
      shared.onFree = () => backend.bufferManager.releaseBuffer(shared.buffer);
      buffers.set(role, shared.buffer);
      this.#places.set(
        role,
        places.map((place, index) => ({ ...place, slot: { list: this, role, index } })),
      );
    }
    this.buffers = buffers;
  }

  /**
   * The tensors as shared lists whose numbers may be changed where they are, and successors for them that have these numbers. A
   * variable that nothing else shares loses its numbers to its successor; whatever else is given keeps them, as a copy.
   */
  static take(backend: GpuBackend, roles: Roles): { lists: SharedLists; successors: tf.TensorInfo[] } {
    const entries = Object.entries(roles);
    for (const { dataId } of entries.flatMap(([, tensors]) => tensors)) backend.uploadToGPU(dataId);
    const known = listsOf(backend, entries);
    const lists = known ?? new SharedLists(backend, roles);
    const successors = entries.flatMap(([role, tensors]) =>
      tensors.map((tensor, index) =>
        known ? lists.#succeed(tensor) : lists.#copy(tensor, lists.#places.get(role)![index]!, role),
      ),
    );
    return { lists, successors };
  }

  /** Where a slot begins in the buffer of every role, in numbers. */
  offset(index: number): number {
    return [...this.#places.values()][0]![index]!.offset / 4;
  }

  /** A tensor in the lists gives its place to a new one. */
  #succeed(tensor: tf.TensorInfo): tf.TensorInfo {
    const backend = this.#backend;
    const old = backend.tensorMap.get(tensor.dataId);
    const place = old.place!;
    const buffer = old.resource!;
    old.place = undefined;
    const isSole = tensor instanceof tf.Variable && backend.refCount(tensor.dataId) === 1;
    old.resource = isSole ? null : copyOf(backend, buffer, place);
    return this.#at(tensor.shape, buffer, place);
  }

  /** A new tensor in the lists with the numbers of one outside. */
  #copy(tensor: tf.TensorInfo, place: Place, role: string): tf.TensorInfo {
    const buffer = this.buffers.get(role)!;
    const from = this.#backend.tensorToBinding(tensor);
    copyNumbers(this.#backend, from, { buffer, offset: place.offset }, place.bytes);
    this.#backend.commandQueueOwnedIds.add(tensor.dataId); // its buffer is in use until the copy is submitted
    return this.#at(tensor.shape, buffer, place);
  }

  #at(shape: number[], buffer: GPUBuffer, place: Place): tf.TensorInfo {
    const tensor = this.#backend.makeTensorInfo(shape, "float32");
    const data: TensorData = this.#backend.tensorMap.get(tensor.dataId);
    data.resource = buffer;
    data.place = place;
    return tensor;
  }
}

/** The lists in which all of the tensors are already, each at its place. */
function listsOf(backend: GpuBackend, roles: [string, readonly tf.TensorInfo[]][]): SharedLists | undefined {
  const first = backend.tensorMap.get(roles[0]![1][0]!.dataId).place?.slot?.list;
  const isThere = roles.every(([role, tensors]) =>
    tensors.every(({ dataId }, index) => {
      const slot = backend.tensorMap.get(dataId).place?.slot;
      return slot && slot.list === first && slot.role === role && slot.index === index;
    }),
  );
  return isThere ? (first as SharedLists) : undefined;
}

function takeAll(
  backend: GpuBackend,
  tensors: readonly tf.TensorInfo[],
): { shared: SharedBuffer; places: Place[] } {
  const step = backend.device.limits.minStorageBufferOffsetAlignment;
  const bytes = tensors.map(({ shape }) => 4 * tf.util.sizeFromShape(shape));
  const total = bytes.reduce((sum, size) => sum + Math.ceil(size / step) * step, 0);
  const shared = new SharedBuffer(backend, total);
  return { shared, places: bytes.map((size) => shared.take(size)!) };
}

function copyOf(backend: GpuBackend, buffer: GPUBuffer, { offset, bytes }: Place): GPUBuffer {
  const copy = backend.bufferManager.acquireBuffer(bytes, buffer.usage);
  copyNumbers(backend, { buffer, offset }, { buffer: copy }, bytes);
  return copy;
}
