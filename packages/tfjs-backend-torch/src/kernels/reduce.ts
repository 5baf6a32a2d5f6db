import * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
import { defineKernel } from "../define-kernel.js";

type One = { x: tf.TensorInfo };
interface Axes {
  axis: number | number[];
  /** What Max calls its axes. */
  reductionIndices?: number | number[];
  keepDims: boolean;
}

interface Reduction {
  operator: string;
  /** The type of the result; default the input's. */
  dtype?: (input: tf.DataType) => tf.DataType;
  /** The result's type is an argument of the operator. */
  takesType?: boolean;
}

const sumType = (dtype: tf.DataType): tf.DataType => (dtype === "bool" ? "int32" : dtype);

const sameType = (dtype: tf.DataType): tf.DataType => dtype;

const reductions: Record<string, Reduction> = {
  Sum: { operator: "sum.dim_IntList", dtype: sumType, takesType: true },
  Mean: { operator: "mean.dim", dtype: () => "float32", takesType: true },
  Max: { operator: "amax" },
  Min: { operator: "amin" },
};

/** Kernels over some of a tensor's axes. */
export const reduceKernels: tf.KernelConfig[] = [
  ...Object.entries(reductions).map(([name, { operator, dtype = sameType, takesType }]) =>
    defineKernel<One, Axes>(
      name,
      ({ x }, { axis, reductionIndices = axis, keepDims }, { op, of, keep, alias }) => {
        const axes = tf.util.parseAxisParam(reductionIndices, x.shape);
        const result = dtype(x.dtype);
        const shape = outputShape(x.shape, axes, keepDims);
        if (axes.length === 0) {
          return result === x.dtype
            ? alias(x, shape)
            : keep(op("to.dtype", of(x), scalarTypeOf(result)), shape, result);
        }
        const args = takesType ? [axes, keepDims, scalarTypeOf(result)] : [axes, keepDims];
        return keep(op(operator, of(x), ...args), shape, result);
      },
    ),
  ),
  ...Object.entries({ Any: "any.dim", All: "all.dim" }).map(([name, operator]) =>
    defineKernel<One, Axes>(name, ({ x }, { axis, keepDims }, { op, of, keep }) => {
      const axes = tf.util.parseAxisParam(axis, x.shape);
      // libtorch's any and all take one axis: the highest first, so that the others keep their place.
      const reduced = [...axes]
        .sort((a, b) => b - a)
        .reduce((handle, at) => op(operator, handle, at, false), of(x));
      const shape = outputShape(x.shape, axes, keepDims);
      return keep(op("reshape", reduced, shape), shape, "bool");
    }),
  ),
  defineKernel<One, Axes>("Prod", ({ x }, { axis, keepDims }, { op, of, keep }) => {
    const axes = tf.util.parseAxisParam(axis, x.shape);
    const result = sumType(x.dtype);
    const typed = op("to.dtype", of(x), scalarTypeOf(result));
    const reduced = [...axes]
      .sort((a, b) => b - a)
      .reduce((h, at) => op("prod.dim_int", h, at, false, scalarTypeOf(result)), typed);
    const shape = outputShape(x.shape, axes, keepDims);
    return keep(op("reshape", reduced, shape), shape, result);
  }),
  ...Object.entries({
    ArgMax: ["argmax", Number.NEGATIVE_INFINITY],
    ArgMin: ["argmin", Number.POSITIVE_INFINITY],
  } as const).map(([name, [operator, never]]) =>
    defineKernel<One, { axis: number | number[] }>(name, ({ x }, { axis }, { op, float, keep }) => {
      const [at = 0] = tf.util.parseAxisParam(axis, x.shape);
      const shape = x.shape.filter((_, i) => i !== at);
      const withoutNaN = op(
        "nan_to_num",
        float(x),
        never,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      );
      return keep(op("to.dtype", op(operator, withoutNaN, at, false), scalarTypeOf("int32")), shape, "int32");
    }),
  ),
  defineKernel<{ logits: tf.TensorInfo }, { dim: number }>(
    "Softmax",
    ({ logits }, { dim }, { op, float, keep }) =>
      keep(op("softmax.int", float(logits), dim), logits.shape, "float32"),
  ),
  defineKernel<One, { axis: number; exclusive: boolean; reverse: boolean }>(
    "Cumprod",
    ({ x }, { axis, exclusive, reverse }, { op, of, keep }) => {
      const dtype = sumType(x.dtype);
      const input = reverse ? op("flip", of(x), [axis]) : of(x);
      // Exclusive: a one moves in, the last factor moves out. There is nothing to divide by where a factor is 0.
      const length = x.shape[axis]!;
      const shifted = (): number => {
        const ones = op("ones_like", op("narrow", input, axis, 0, 1));
        return op("cat", [ones, op("narrow", input, axis, 0, length - 1)], axis);
      };
      const products = op("cumprod", exclusive ? shifted() : input, axis, scalarTypeOf(dtype));
      return keep(reverse ? op("flip", products, [axis]) : products, x.shape, dtype);
    },
  ),
  defineKernel<One, { axis: number; exclusive: boolean; reverse: boolean }>(
    "Cumsum",
    ({ x }, { axis, exclusive, reverse }, { op, of, keep }) => {
      const dtype = sumType(x.dtype);
      const input = reverse ? op("flip", of(x), [axis]) : of(x);
      const inclusive = op("cumsum", input, axis, scalarTypeOf(dtype));
      const sums = exclusive ? op("sub.Tensor", inclusive, input) : inclusive;
      return keep(reverse ? op("flip", sums, [axis]) : sums, x.shape, dtype);
    },
  ),
];

function outputShape(shape: number[], axes: number[], keepDims: boolean): number[] {
  const [reduced] = tf.backend_util.computeOutAndReduceShapes(shape, axes);
  return keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced;
}
