import * as tf from "@tensorflow/tfjs-core";
import { ScalarType, scalarTypeOf } from "../binding.js";
import { defineKernel } from "../define-kernel.js";

type One = { x: tf.TensorInfo };

/** Kernels that move, relabel or make data. */
export const memoryKernels: tf.KernelConfig[] = [
  defineKernel<One>("Identity", ({ x }, _, { alias }) => alias(x), { anyType: true }),
  defineKernel<One, { shape: number[] }>(
    "Reshape",
    ({ x }, { shape }, { alias }) =>
      alias(x, tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape))),
    { anyType: true },
  ),
  defineKernel<{ input: tf.TensorInfo }, { dim: number }>(
    "ExpandDims",
    ({ input }, { dim }, { alias }) => {
      const rank = input.shape.length;
      tf.util.assert(
        dim >= -(rank + 1) && dim <= rank,
        () => `expandDims: expected an axis in [${-(rank + 1)}, ${rank}], got ${dim}.`,
      );
      const shape = [...input.shape];
      shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
      return alias(input, shape);
    },
    { anyType: true },
  ),
  defineKernel<One, { dtype: tf.DataType }>("Cast", ({ x }, { dtype }, { of, op, keep, alias, backend }) => {
    if (x.dtype === dtype) return alias(x);
    if (dtype === "complex64") {
      const imag = keep(op("zeros_like", of(x), scalarTypeOf("float32")), x.shape, "float32");
      const real =
        x.dtype === "float32"
          ? alias(x)
          : keep(op("to.dtype", of(x), scalarTypeOf("float32")), x.shape, "float32");
      return backend.storeComplex(x.shape, real, imag);
    }
    return keep(op("to.dtype", of(x), scalarTypeOf(dtype)), x.shape, dtype);
  }),
  defineKernel<One>("ZerosLike", ({ x }, _, { of, op, keep }) =>
    keep(op("zeros_like", of(x)), x.shape, x.dtype),
  ),
  defineKernel<One>("OnesLike", ({ x }, _, { of, op, keep }) =>
    keep(op("ones_like", of(x)), x.shape, x.dtype),
  ),
  defineKernel<Record<string, never>, { start: number; stop: number; step: number; dtype: tf.DataType }>(
    "Range",
    (_, { start, stop, step, dtype }, { op, keep, backend }) => {
      // TensorFlow.js turns a step of 1 round where the range falls, and calls every other wrong direction empty.
      const towards = stop < start && step === 1 ? -1 : step;
      const wrongWay = (stop - start) * towards <= 0;
      const count = wrongWay ? 0 : Math.abs(Math.ceil((stop - start) / towards));
      const counted = op("arange", count, ScalarType.float64, undefined, backend.device);
      const values = op("add.Scalar", op("mul.Scalar", counted, towards), start);
      return keep(op("to.dtype", values, scalarTypeOf(dtype)), [count], dtype);
    },
  ),
  defineKernel<Record<string, never>, { start: number; stop: number; num: number }>(
    "LinSpace",
    (_, { start, stop, num }, { op, keep, backend }) =>
      keep(op("linspace", start, stop, num, ScalarType.float32, undefined, backend.device), [num], "float32"),
  ),
];
