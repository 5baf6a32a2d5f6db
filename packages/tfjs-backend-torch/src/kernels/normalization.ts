import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** Inference batch norm over the last axis. */
export const normalizationKernels: tf.KernelConfig[] = [
  defineKernel<
    {
      x: tf.TensorInfo;
      mean: tf.TensorInfo;
      variance: tf.TensorInfo;
      scale?: tf.TensorInfo;
      offset?: tf.TensorInfo;
    },
    { varianceEpsilon: number }
  >("FusedBatchNorm", ({ x, mean, variance, scale, offset }, { varianceEpsilon }, { op, of, keep }) => {
    const inverse = op("rsqrt", op("add.Scalar", of(variance), varianceEpsilon));
    const gain = scale ? op("mul.Tensor", inverse, of(scale)) : inverse;
    const centred = op("mul.Tensor", op("sub.Tensor", of(x), of(mean)), gain);
    return keep(offset ? op("add.Tensor", centred, of(offset)) : centred, x.shape, "float32");
  }),
];
