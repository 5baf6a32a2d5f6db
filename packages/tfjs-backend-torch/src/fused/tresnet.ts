import {
  CslAbn,
  type CslAbnAttrs,
  CslAbnGrad,
  type CslAbnGradAttrs,
  type CslAbnGradInputs,
  CslAbnInference,
  type CslAbnInferenceAttrs,
  type CslAbnInferenceInputs,
  type CslAbnInputs,
  CslAddRelu,
  type CslAddReluAttrs,
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
  type CslAddReluInputs,
  CslBlurPool,
  type CslBlurPoolAttrs,
  CslBlurPoolGrad,
  type CslBlurPoolGradAttrs,
  type CslBlurPoolGradInputs,
  type CslBlurPoolInputs,
  CslCeilAvgPool,
  CslCeilAvgPoolGrad,
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
  CslSqueezeExcite,
  type CslSqueezeExciteAttrs,
  CslSqueezeExciteGrad,
  type CslSqueezeExciteGradAttrs,
  type CslSqueezeExciteGradInputs,
  type CslSqueezeExciteInputs,
} from "@csl/internal/kernels/named-kernels";
import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** Activated batch normalisation of @csl/tresnet: two passes over x forward, two over (dy, y) backward. */
const abnKernels: tf.KernelConfig[] = [
  defineKernel<CslAbnInputs, CslAbnAttrs>(CslAbn, ({ x, weight, bias }, { epsilon, slope }, scope) => {
    const { fused, stored, of, keep } = scope;
    const [y, mean, variance] = fused("abn", [stored(x), of(weight), of(bias)], [epsilon, slope]);
    return [
      keep(y!, x.shape, "float32"),
      keep(mean!, weight.shape, "float32"),
      keep(variance!, weight.shape, "float32"),
    ];
  }),
  defineKernel<CslAbnInferenceInputs, CslAbnInferenceAttrs>(
    CslAbnInference,
    ({ x, weight, bias, mean, variance }, { epsilon, slope }, { fused, stored, of, keep }) => {
      const tensors = [stored(x), of(weight), of(bias), of(mean), of(variance)];
      const [y] = fused("abnInference", tensors, [epsilon, slope]);
      return keep(y!, x.shape, "float32");
    },
  ),
  defineKernel<CslAbnGradInputs, CslAbnGradAttrs>(
    CslAbnGrad,
    ({ dy, y, weight, bias, variance }, { epsilon, slope, frozen }, { fused, stored, of, keep }) => {
      const tensors = [stored(dy), stored(y), of(weight), of(bias), of(variance)];
      const [dx, dweight, dbias] = fused("abnGradient", tensors, [epsilon, slope, frozen ? 1 : 0]);
      return [
        keep(dx!, y.shape, "float32"),
        keep(dweight!, weight.shape, "float32"),
        keep(dbias!, weight.shape, "float32"),
      ];
    },
  ),
  defineKernel<CslRunningUpdateInputs, CslRunningUpdateAttrs>(
    CslRunningUpdate,
    (inputs, { keep: old, add }, { op, of, keep }) => {
      const tensors = Object.values(inputs);
      return add.map((share, i) => {
        const [running, batch] = [tensors[i]!, tensors[i + add.length]!];
        const kept = op("mul.Scalar", of(running), old);
        return keep(op("add.Tensor", kept, of(batch), share), running.shape, "float32");
      });
    },
  ),
];

/** relu(a + b), the end of a residual block, and its gradient from the result alone. */
const addReluKernels: tf.KernelConfig[] = [
  defineKernel<CslAddReluInputs, CslAddReluAttrs>(CslAddRelu, ({ a, b }, _, { fused, stored, keep }) =>
    keep(fused("addRelu", [stored(a), stored(b)])[0]!, a.shape, "float32"),
  ),
  defineKernel<CslAddReluGradInputs, CslAddReluGradAttrs>(
    CslAddReluGrad,
    ({ dy, y }, _, { fused, stored, keep }) =>
      keep(fused("addReluGradient", [stored(dy), stored(y)])[0]!, y.shape, "float32"),
  ),
];

/** The kernels of @csl/tresnet that halve height and width, rounding up: names and function of binding/fused-pool.cc. */
const pools = [
  [CslBlurPool, CslBlurPoolGrad, "blurPool"],
  [CslCeilAvgPool, CslCeilAvgPoolGrad, "ceilAvgPool"],
] as const;

const halvingKernels: tf.KernelConfig[] = pools.flatMap(([name, gradientName, forward]) => [
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

/** Squeeze-and-excitation of @csl/tresnet: [y, pooled, hidden, gate], and [dx, dw1, db1, dw2, db2]. */
const squeezeExciteKernels: tf.KernelConfig[] = [
  defineKernel<CslSqueezeExciteInputs, CslSqueezeExciteAttrs>(
    CslSqueezeExcite,
    ({ x, w1, b1, w2, b2 }, _, { fused, stored, of, keep }) => {
      const [batch = 0, , , channels = 0] = x.shape;
      const handles = fused("squeezeExcite", [stored(x), of(w1), of(b1), of(w2), of(b2)]);
      const shapes = [x.shape, [batch, channels], [batch, w1.shape[3]!], [batch, channels]];
      return handles.map((handle, i) => keep(handle, shapes[i]!, "float32"));
    },
  ),
  defineKernel<CslSqueezeExciteGradInputs, CslSqueezeExciteGradAttrs>(
    CslSqueezeExciteGrad,
    ({ dy, x, pooled, hidden, gate, w1, w2 }, _, { fused, stored, of, keep }) => {
      const tensors = [stored(dy), stored(x), of(pooled), of(hidden), of(gate), of(w1), of(w2)];
      const shapes = [x.shape, w1.shape, [w1.shape[3]!], w2.shape, [w2.shape[3]!]];
      return fused("squeezeExciteGradient", tensors).map((handle, i) => keep(handle, shapes[i]!, "float32"));
    },
  ),
];

/** The named kernels of @csl/tresnet, over binding/fused*.cc. */
export const tresnetKernels: readonly tf.KernelConfig[] = [
  ...abnKernels,
  ...addReluKernels,
  ...halvingKernels,
  ...squeezeExciteKernels,
];
