import * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";

interface Two {
  a: tf.TensorInfo;
  b: tf.TensorInfo;
}

/** Kernels with the type of their inputs: name → operator. */
const arithmetic: Record<string, string> = {
  Add: "add.Tensor",
  Sub: "sub.Tensor",
  Multiply: "mul.Tensor",
  Maximum: "maximum",
  Minimum: "minimum",
};

const comparisons: Record<string, string> = {
  Equal: "eq.Tensor",
  NotEqual: "ne.Tensor",
  Greater: "gt.Tensor",
  GreaterEqual: "ge.Tensor",
  Less: "lt.Tensor",
  LessEqual: "le.Tensor",
  LogicalAnd: "logical_and",
  LogicalOr: "logical_or",
};

/** Kernels over two tensors that broadcast. */
export const binaryKernels: tf.KernelConfig[] = [
  ...Object.entries(arithmetic).map(([name, operator]) =>
    defineKernel<Two>(name, ({ a, b }, _, scope) =>
      typed(scope, scope.op(operator, scope.of(a), scope.of(b)), a, b, tf.upcastType(a.dtype, b.dtype)),
    ),
  ),
  ...Object.entries(comparisons).map(([name, operator]) =>
    defineKernel<Two>(name, ({ a, b }, _, { op, of, keep }) =>
      keep(op(operator, of(a), of(b)), broadcastShape(a, b), "bool"),
    ),
  ),
  defineKernel<Two>("RealDiv", ({ a, b }, _, { op, of, keep }) =>
    keep(op("div.Tensor", of(a), of(b)), broadcastShape(a, b), "float32"),
  ),
  defineKernel<Two>("SquaredDifference", ({ a, b }, _, scope) => {
    const { op, of } = scope;
    const difference = op("sub.Tensor", of(a), of(b));
    return typed(scope, op("mul.Tensor", difference, difference), a, b, tf.upcastType(a.dtype, b.dtype));
  }),
  defineKernel<Two>("Atan2", ({ a, b }, _, { op, of, keep }) =>
    keep(op("atan2", of(a), of(b)), broadcastShape(a, b), "float32"),
  ),
];

function broadcastShape(a: tf.TensorInfo, b: tf.TensorInfo): number[] {
  return tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

/** The result in TensorFlow.js's type where libtorch promotes otherwise (bool + bool is an int there). */
function typed(
  scope: Scope,
  result: number,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  dtype: tf.DataType,
): tf.TensorInfo {
  const same = a.dtype === b.dtype && a.dtype !== "bool";
  const cast = same ? result : scope.op("to.dtype", result, scalarTypeOf(dtype));
  return scope.keep(cast, broadcastShape(a, b), dtype);
}
