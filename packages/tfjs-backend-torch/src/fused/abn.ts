import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

type Named = Record<"x" | "weight" | "bias" | "mean" | "variance" | "dy" | "y", tf.TensorInfo>;

interface Attributes {
  epsilon: number;
  slope: number;
  frozen: boolean;
}

/** Activated batch normalisation of @csl/tresnet: two passes over x forward, two over (dy, y) backward. */
export const abnKernels: tf.KernelConfig[] = [
  defineKernel<Named, Attributes>("CslAbn", ({ x, weight, bias }, { epsilon, slope }, scope) => {
    const { fused, stored, of, keep } = scope;
    const [y, mean, variance] = fused("abn", [stored(x), of(weight), of(bias)], [epsilon, slope]);
    return [
      keep(y!, x.shape, "float32"),
      keep(mean!, weight.shape, "float32"),
      keep(variance!, weight.shape, "float32"),
    ];
  }),
  defineKernel<Named, Attributes>(
    "CslAbnInference",
    ({ x, weight, bias, mean, variance }, { epsilon, slope }, { fused, stored, of, keep }) => {
      const tensors = [stored(x), of(weight), of(bias), of(mean), of(variance)];
      const [y] = fused("abnInference", tensors, [epsilon, slope]);
      return keep(y!, x.shape, "float32");
    },
  ),
  defineKernel<Named, Attributes>(
    "CslAbnGrad",
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
  defineKernel<Record<"running" | "batch", tf.TensorInfo>, { keep: number; add: number }>(
    "CslRunningUpdate",
    ({ running, batch }, { keep: old, add }, { op, of, keep }) =>
      keep(op("add.Tensor", op("mul.Scalar", of(running), old), of(batch), add), running.shape, "float32"),
  ),
];
