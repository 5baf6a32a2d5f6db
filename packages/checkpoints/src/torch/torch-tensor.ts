import { type Dtype, dtypes } from "../dtypes.js";
import { PickleError } from "./pickle-error.js";
import type { PythonObject } from "./python-value.js";

/** What the storage classes of a pickle hold: torch.FloatStorage and its kin. */
export const storageDtypes: Readonly<Record<string, string>> = {
  FloatStorage: "float32",
  DoubleStorage: "float64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  QInt8Storage: "qint8",
  QUInt8Storage: "quint8",
  QInt32Storage: "qint32",
  ComplexFloatStorage: "complex64",
  ComplexDoubleStorage: "complex128",
};

/** A piece of memory that tensors are views of. Its bytes stay in the file until a tensor is read. */
export interface TorchStorage extends PythonObject {
  readonly python: "torch.Storage";
  /** What the file calls it: "0", "1" … or a memory address in the older form. */
  readonly key: string;
  /** Of its numbers; undefined for plain bytes (UntypedStorage), whose tensors say it. */
  readonly dtype: Dtype | undefined;
  readonly bytes: number;
  /** In the older form a storage may be a part of another: where it begins in that, in bytes. */
  readonly offset: number;
}

/** A tensor as a file describes it: a view of a storage. Its numbers are still in the file. */
export interface TorchTensor extends PythonObject {
  readonly python: "torch.Tensor";
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Steps between neighbours along each axis, in numbers. */
  readonly stride: readonly number[];
  /** Position of the first number in the storage. */
  readonly storageOffset: number;
  readonly storage: TorchStorage;
}

export function isTorchTensor(value: unknown): value is TorchTensor {
  return typeof value === "object" && value !== null && (value as PythonObject).python === "torch.Tensor";
}

/** A tensor of a kind that is not read: sparse, quantised, negated lazily. A file may hold it next to others. */
export interface UnreadTorchTensor extends PythonObject {
  readonly python: "torch.UnreadTensor";
  /** What is special about it: "sparse". */
  readonly kind: string;
}

export function isUnreadTorchTensor(value: unknown): value is UnreadTorchTensor {
  return (
    typeof value === "object" && value !== null && (value as PythonObject).python === "torch.UnreadTensor"
  );
}

function isTorchStorage(value: unknown): value is TorchStorage {
  return typeof value === "object" && value !== null && (value as PythonObject).python === "torch.Storage";
}

/** Parts of a tensor as `torch._utils._rebuild_tensor_v2` gets them. */
interface TensorParts {
  storage: unknown;
  storageOffset: unknown;
  shape: unknown;
  stride: unknown;
  /** Overrides the storage's. */
  dtype?: Dtype | undefined;
}

/**
 * A tensor after checking that it lies within its storage: nothing outside it is ever read.
 *
 * @throws saying what is wrong with it.
 */
export function torchTensor({ storage, storageOffset, shape, stride, dtype }: TensorParts): TorchTensor {
  if (!isTorchStorage(storage)) throw new PickleError("a tensor without a storage");
  const { size, name } = dtype ?? storage.dtype ?? dtypes.uint8!;
  if (!isCount(storageOffset) || !isCounts(shape) || !isCounts(stride) || shape.length !== stride.length)
    throw new PickleError("a tensor of an impossible shape");
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, storageOffset);
  const empty = shape.includes(0);
  if (!empty && !((last + 1) * size <= storage.bytes))
    throw new PickleError(`a tensor [${shape}] that reaches beyond its storage of ${storage.bytes} bytes`);
  return { python: "torch.Tensor", dtype: name, shape, stride, storageOffset, storage };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isCount);
}
