import * as tf from "@tensorflow/tfjs-core";
import { scalarTypeOf } from "../binding.js";
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
  defineKernel<{ real: tf.TensorInfo; imag: tf.TensorInfo }>(
    "Complex",
    ({ real, imag }, _, { alias, backend }) => backend.storeComplex(real.shape, alias(real), alias(imag)),
  ),
  defineKernel<{ input: tf.TensorInfo }>(
    "Real",
    ({ input }, _, { alias, backend }) =>
      input.dtype === "complex64" ? alias(backend.partsOf(input.dataId).real) : alias(input),
    { anyType: true },
  ),
  defineKernel<{ input: tf.TensorInfo }>(
    "Imag",
    ({ input }, _, { alias, backend, op, of, keep }) =>
      input.dtype === "complex64"
        ? alias(backend.partsOf(input.dataId).imag)
        : keep(op("zeros_like", of(input)), input.shape, input.dtype),
    { anyType: true },
  ),
  defineKernel<One>("ZerosLike", ({ x }, _, { of, op, keep }) =>
    keep(op("zeros_like", of(x)), x.shape, x.dtype),
  ),
  defineKernel<One>("OnesLike", ({ x }, _, { of, op, keep }) =>
    keep(op("ones_like", of(x)), x.shape, x.dtype),
  ),
];
