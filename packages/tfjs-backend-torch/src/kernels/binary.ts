import * as tf from "@tensorflow/tfjs-core";
import { ScalarType, scalarTypeOf } from "../binding.js";
import { defineKernel, type Scope } from "../define-kernel.js";
import { prelu } from "./activation.js";

interface Two {
  a: tf.TensorInfo;
  b: tf.TensorInfo;
}

/** Kernels with the type of their inputs: name → operator. */
const arithmetic: Record<string, string> = {
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
  defineKernel<Two>("Add", ({ a, b }, _, scope) => {
    // Two activations, or the gradients that meet at one, are stored as what they are the sum of.
    const read = isReduced(a, scope) && isReduced(b, scope) ? scope.stored : scope.of;
    return typed(scope, scope.op("add.Tensor", read(a), read(b)), a, b, tf.upcastType(a.dtype, b.dtype));
  }),
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
  defineKernel<Two>("Pow", ({ a, b }, _, scope) => throughFloat("pow.Tensor_Tensor", a, b, scope)),
  // The sign of the divisor, as Python and TensorFlow.
  defineKernel<Two>("Mod", ({ a, b }, _, scope) => throughFloat("remainder.Tensor", a, b, scope)),
  defineKernel<Two>("FloorDiv", ({ a, b }, _, { op, of, keep }) => {
    const quotient = op("floor", op("div.Tensor", op("to.dtype", of(a), DOUBLE), of(b)));
    return keep(op("to.dtype", finite(quotient, op), INT), broadcastShape(a, b), "int32");
  }),
  defineKernel<Two>("BitwiseAnd", ({ a, b }, _, { op, of, keep }) =>
    keep(op("bitwise_and.Tensor", of(a), of(b)), broadcastShape(a, b), "int32"),
  ),
  defineKernel<{ x: tf.TensorInfo; alpha: tf.TensorInfo }>("Prelu", ({ x, alpha }, _, scope) =>
    scope.keep(prelu(scope.float(x), scope.float(alpha), scope), broadcastShape(x, alpha), "float32"),
  ),
  // y + 1 = exp(x) where x < 0.
  defineKernel<{ dy: tf.TensorInfo; y: tf.TensorInfo }>("EluGrad", ({ dy, y }, _, { op, of, keep }) => {
    const slope = op("add.Scalar", op("clamp_max", of(y), 0), 1);
    return keep(op("mul.Tensor", of(dy), slope), y.shape, "float32");
  }),
  defineKernel<tf.TensorInfo[]>("AddN", (inputs, _, { op, of, keep, alias }) => {
    const [first, second, ...rest] = inputs;
    if (!second) return alias(first!);
    const sum = op("add.Tensor", of(first!), of(second));
    // Each in-place sum is another handle of the same tensor.
    return keep(
      rest.reduce((total, next) => op("add_.Tensor", total, of(next)), sum),
      first!.shape,
      first!.dtype,
    );
  }),
  defineKernel<Two>("Atan2", ({ a, b }, _, { op, of, keep }) =>
    keep(op("atan2", of(a), of(b)), broadcastShape(a, b), "float32"),
  ),
];

function broadcastShape(a: tf.TensorInfo, b: tf.TensorInfo): number[] {
  return tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

function isReduced(x: tf.TensorInfo, { backend }: Scope): boolean {
  return backend.numericOf(x).reduced === true;
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

const { float64: DOUBLE, int32: INT } = ScalarType;

/** Whole numbers by way of float64, where nothing throws (0 divides, a negative power) and every int32 is exact. */
function throughFloat(operator: string, a: tf.TensorInfo, b: tf.TensorInfo, scope: Scope): tf.TensorInfo {
  const { op, of, keep } = scope;
  const dtype = tf.upcastType(a.dtype, b.dtype);
  const shape = broadcastShape(a, b);
  if (dtype === "float32") return keep(op(operator, scope.float(a), scope.float(b)), shape, dtype);
  const result = op(operator, op("to.dtype", of(a), DOUBLE), op("to.dtype", of(b), DOUBLE));
  return keep(op("to.dtype", finite(result, op), scalarTypeOf(dtype)), shape, dtype);
}

/** What JavaScript makes of NaN and infinity as whole numbers: 0. */
function finite(x: number, op: Scope["op"]): number {
  return op("nan_to_num", x, 0, 0, 0);
}
