import type * as tf from "@tensorflow/tfjs-core";
import { ScalarType } from "../binding.js";
import { defineKernel } from "../define-kernel.js";

/** Kernels that move, relabel or make data. */
export const memoryKernels: tf.KernelConfig[] = [
  defineKernel<{ x: tf.TensorInfo }>("Identity", ({ x }, _, { alias }) => alias(x)),
  defineKernel<{ x: tf.TensorInfo }, { shape: number[] }>("Reshape", ({ x }, { shape }, { alias }) =>
    alias(x, tf_inferShape(x.shape, shape)),
  ),
];

function tf_inferShape(from: number[], to: number[]): number[] {
  const size = from.reduce((product, side) => product * side, 1);
  const known = to.reduce((product, side) => (side < 0 ? product : product * side), 1);
  return to.map((side) => (side < 0 ? size / known : side));
}
void ScalarType;
