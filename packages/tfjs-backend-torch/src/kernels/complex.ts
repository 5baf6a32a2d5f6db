import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel, type Scope } from "../define-kernel.js";

type One = { input: tf.TensorInfo };

/** Complex numbers, which TensorFlow.js keeps as two tensors, and Fourier transforms. Their arithmetic goes to the cpu backend. */
export const complexKernels: tf.KernelConfig[] = [
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
  defineKernel<{ x: tf.TensorInfo }>(
    "ComplexAbs",
    ({ x }, _, { op, of, keep, backend }) => {
      const { real, imag } = backend.partsOf(x.dataId);
      return keep(op("reshape", op("hypot", of(real), of(imag)), x.shape), x.shape, "float32");
    },
    { anyType: true },
  ),
  ...Object.entries({ FFT: "fft_fft", IFFT: "fft_ifft" }).map(([name, operator]) =>
    defineKernel<One>(name, ({ input }, _, scope) => transform(operator, input, scope), { anyType: true }),
  ),
];

/** A transform over the last axis. */
function transform(operator: string, { dataId, shape }: tf.TensorInfo, scope: Scope): tf.TensorInfo {
  const { op, of, keep, backend } = scope;
  const { real, imag } = backend.partsOf(dataId);
  const pairs = op("reshape", op("stack", [of(real), of(imag)], -1), [...shape, 2]);
  const result = op("view_as_real", op(operator, op("view_as_complex", pairs)));
  const part = (index: number): tf.TensorInfo =>
    keep(op("clone", op("select.int", result, -1, index)), shape, "float32");
  return backend.storeComplex([...shape], part(0), part(1));
}
