import type * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
import { defineKernel } from "../define-kernel.js";

type One = { x: tf.TensorInfo };

/** Real functions, always float32: name → operator. */
const real: Record<string, string> = {
  Acos: "acos",
  Acosh: "acosh",
  Asin: "asin",
  Asinh: "asinh",
  Atan: "atan",
  Atanh: "atanh",
  Cos: "cos",
  Cosh: "cosh",
  Erf: "erf",
  Exp: "exp",
  Expm1: "expm1",
  Log: "log",
  Log1p: "log1p",
  Reciprocal: "reciprocal",
  Rsqrt: "rsqrt",
  Sigmoid: "sigmoid",
  Sin: "sin",
  Sinh: "sinh",
  Softplus: "softplus",
  Sqrt: "sqrt",
  Tan: "tan",
  Tanh: "tanh",
};

/** Functions that keep the type of their input. */
const sameType: Record<string, string> = {
  Abs: "abs",
  Ceil: "ceil",
  Floor: "floor",
  Neg: "neg",
  Relu: "relu",
  Sign: "sign",
  Square: "square",
};

const tests: Record<string, string> = {
  IsFinite: "isfinite",
  IsInf: "isinf",
  IsNan: "isnan",
  LogicalNot: "logical_not",
};

const SELU_ALPHA = 1.7580993408473768;
const SELU_SCALE = 1.0507009873554805;

/** Kernels over the elements of one tensor. */
export const unaryKernels: tf.KernelConfig[] = [
  ...Object.entries(real).map(([name, operator]) =>
    defineKernel<One>(name, ({ x }, _, { op, float, keep }) =>
      keep(op(operator, float(x)), x.shape, "float32"),
    ),
  ),
  ...Object.entries(sameType).map(([name, operator]) =>
    defineKernel<One>(name, ({ x }, _, { op, of, keep }) => keep(op(operator, of(x)), x.shape, x.dtype)),
  ),
  ...Object.entries(tests).map(([name, operator]) =>
    defineKernel<One>(name, ({ x }, _, { op, of, keep }) => keep(op(operator, of(x)), x.shape, "bool")),
  ),
  // Half to even, as TensorFlow.
  defineKernel<One>("Round", ({ x }, _, { op, of, keep }) => keep(op("round", of(x)), x.shape, x.dtype)),
  defineKernel<One>("Elu", ({ x }, _, { op, of, keep }) => keep(op("elu", of(x)), x.shape, "float32")),
  defineKernel<One>("Selu", ({ x }, _, { op, of, keep }) =>
    keep(op("elu", of(x), SELU_ALPHA / SELU_SCALE, SELU_SCALE), x.shape, "float32"),
  ),
  defineKernel<One>("Relu6", ({ x }, _, { op, of, keep }) =>
    keep(op("clamp", of(x), 0, 6), x.shape, x.dtype),
  ),
  defineKernel<One, { alpha: number }>("LeakyRelu", ({ x }, { alpha }, { op, float, keep }) =>
    keep(op("leaky_relu", float(x), alpha), x.shape, "float32"),
  ),
  defineKernel<One, { clipValueMin: number; clipValueMax: number }>(
    "ClipByValue",
    ({ x }, { clipValueMin, clipValueMax }, { op, of, keep }) =>
      keep(op("clamp", of(x), clipValueMin, clipValueMax), x.shape, x.dtype),
  ),
  defineKernel<One, { alpha: number }>("Step", ({ x }, { alpha }, { op, of, keep }) => {
    const input = of(x);
    const positive = op("to.dtype", op("gt.Scalar", input, 0), scalarTypeOf("float32"));
    const scaled =
      alpha === 0 ? positive : op("where.ScalarOther", op("gt.Scalar", input, 0), positive, alpha);
    const stepped = op("where.self", op("isnan", input), input, scaled);
    return keep(op("to.dtype", stepped, scalarTypeOf(x.dtype)), x.shape, x.dtype);
  }),
];
