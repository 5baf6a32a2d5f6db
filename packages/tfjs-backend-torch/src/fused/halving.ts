import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

interface Halving {
  inputShape: number[];
}

/** The kernels of @csl/tresnet that halve height and width, rounding up: name → function of binding/fused-pool.cc. */
const functions = { CslBlurPool: "blurPool", CslCeilAvgPool: "ceilAvgPool" } as const;

export const halvingKernels: tf.KernelConfig[] = Object.entries(functions).flatMap(([name, forward]) => [
  defineKernel<{ x: tf.TensorInfo }>(name, ({ x }, _, { fused, stored, keep }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const shape = [batch, Math.ceil(height / 2), Math.ceil(width / 2), channels];
    return keep(fused(forward, [stored(x)])[0]!, shape, "float32");
  }),
  defineKernel<{ dy: tf.TensorInfo }, Halving>(
    `${name}Grad`,
    ({ dy }, { inputShape }, { fused, stored, keep }) =>
      keep(fused(`${forward}Gradient`, [stored(dy)], inputShape)[0]!, inputShape, "float32"),
  ),
]);
