import type * as tf from "@tensorflow/tfjs-core";
import { ScalarType } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";

const { int32: INT, int64: LONG } = ScalarType;

/** The k largest of the last axis with their places. */
export const topKKernels: tf.KernelConfig[] = [
  defineKernel<{ x: tf.TensorInfo }, { k: number }>("TopK", ({ x }, { k }, scope) => {
    const { op, ops, of, keep } = scope;
    const shape = [...x.shape.slice(0, -1), k];
    const [, places] = ops("topk", keysOf(x, scope), k, -1, true, true);
    return [
      keep(op("gather", of(x), -1, places!), shape, x.dtype),
      keep(op("to.dtype", places!, INT), [...shape], "int32"),
    ];
  }),
];

/**
 * libtorch's topk breaks ties as it likes, TensorFlow by the lower index. Whole numbers that contain both settle it:
 * the value, as an integer of the same order, above; the index, counted down, below.
 */
function keysOf(x: tf.TensorInfo, { op, of, backend }: Scope): number {
  const length = x.shape.at(-1)!;
  let values = of(x);
  if (x.dtype === "float32") {
    // -0 becomes 0. The bits of negative floats run backwards: all but the sign are turned over.
    const bits = op("view.dtype", op("add.Scalar", values, 0), INT);
    const turn = op("bitwise_and.Scalar", op("bitwise_right_shift.Tensor_Scalar", bits, 31), 0x7fffffff);
    values = op("bitwise_xor.Tensor", bits, turn);
  }
  const high = op("mul.Scalar", op("to.dtype", values, LONG), 2 ** 32);
  return op("sub.Tensor", high, op("arange", length, LONG, undefined, backend.device));
}
