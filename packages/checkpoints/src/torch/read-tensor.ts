import { dtypes } from "../dtypes.js";
import type { TorchForm } from "./torch-form.js";
import type { TorchTensor } from "./torch-tensor.js";

/** The numbers of a tensor as float32, in the order of its shape (C order), whatever its strides. */
export async function readTensor(form: TorchForm, tensor: TorchTensor): Promise<Float32Array> {
  const { dtype, shape, stride, storageOffset, storage } = tensor;
  const count = shape.reduce((product, length) => product * length, 1);
  if (count === 0) return new Float32Array(0);
  const { size, decode } = dtypes[dtype]!;
  // Only the part of the storage that the tensor looks at.
  const span = shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, 1);
  const numbers = decode(await form.readStorage(storage, storageOffset * size, span * size));
  return isContiguous(shape, stride) ? numbers : gather(numbers, shape, stride);
}

/** Whether the numbers lie in the order of the shape. The stride of an axis of length 1 says nothing. */
function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** The last axis in a tight loop, the others by a counter each. */
function gather(numbers: Float32Array, shape: readonly number[], stride: readonly number[]): Float32Array {
  const out = new Float32Array(shape.reduce((product, length) => product * length, 1));
  const inner = shape.length - 1;
  const [innerLength, innerStride] = [shape[inner]!, stride[inner]!];
  const position = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < out.length; ) {
    for (let i = 0; i < innerLength; i++) out[at++] = numbers[from + i * innerStride]!;
    for (let axis = inner - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      from -= shape[axis]! * stride[axis]!;
      position[axis] = 0;
    }
  }
  return out;
}
