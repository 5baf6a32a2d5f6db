import {
  CslBlurPool,
  type CslBlurPoolAttrs,
  CslBlurPoolGrad,
  type CslBlurPoolGradAttrs,
  type CslBlurPoolGradInputs,
  type CslBlurPoolInputs,
  CslCeilAvgPool,
  CslCeilAvgPoolGrad,
} from "@csl/internal/kernels/named-kernels";
import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** The kernels of @csl/tresnet that halve height and width, rounding up: names and function of binding/fused-pool.cc. */
const pools = [
  [CslBlurPool, CslBlurPoolGrad, "blurPool"],
  [CslCeilAvgPool, CslCeilAvgPoolGrad, "ceilAvgPool"],
] as const;

export const halvingKernels: tf.KernelConfig[] = pools.flatMap(([name, gradientName, forward]) => [
  defineKernel<CslBlurPoolInputs, CslBlurPoolAttrs>(name, ({ x }, _, { fused, stored, keep }) => {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const shape = [batch, Math.ceil(height / 2), Math.ceil(width / 2), channels];
    return keep(fused(forward, [stored(x)])[0]!, shape, "float32");
  }),
  defineKernel<CslBlurPoolGradInputs, CslBlurPoolGradAttrs>(
    gradientName,
    ({ dy }, { inputShape }, { fused, stored, keep }) =>
      keep(fused(`${forward}Gradient`, [stored(dy)], inputShape)[0]!, inputShape, "float32"),
  ),
]);
