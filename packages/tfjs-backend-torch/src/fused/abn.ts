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
  CslRunningUpdate,
  type CslRunningUpdateAttrs,
  type CslRunningUpdateInputs,
} from "@csl/internal/kernels/named-kernels";
import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** Activated batch normalisation of @csl/tresnet: two passes over x forward, two over (dy, y) backward. */
export const abnKernels: tf.KernelConfig[] = [
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
    ({ running, batch }, { keep: old, add }, { op, of, keep }) =>
      keep(op("add.Tensor", op("mul.Scalar", of(running), old), of(batch), add), running.shape, "float32"),
  ),
];
