import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

interface NormInputs {
  x: tf.TensorInfo;
  mean: tf.TensorInfo;
  variance: tf.TensorInfo;
  scale?: tf.TensorInfo;
  offset?: tf.TensorInfo;
}

/** Inference batch norm over the last axis; TensorFlow.js composes its gradient from other kernels. */
export const normalizationKernels: tf.KernelConfig[] = [
  defineKernel<NormInputs, { varianceEpsilon: number }>(
    "FusedBatchNorm",
    (inputs, { varianceEpsilon }, { op, ops, of, keep }) => {
      const { x, mean, variance, scale, offset } = inputs;
      const perChannel = [mean, variance, scale, offset].every((part) => !part || part.shape.length === 1);
      if (perChannel && x.shape.length === 4) {
        const nchw = op("permute", of(x), [0, 3, 1, 2]);
        const weights = [scale ? of(scale) : null, offset ? of(offset) : null, of(mean), of(variance)];
        const [y] = ops("native_batch_norm", nchw, ...weights, false, 0, varianceEpsilon);
        return keep(op("contiguous", op("permute", y!, [0, 2, 3, 1])), x.shape, "float32");
      }
      const inverse = op("rsqrt", op("add.Scalar", of(variance), varianceEpsilon));
      const gain = scale ? op("mul.Tensor", inverse, of(scale)) : inverse;
      const centred = op("mul.Tensor", op("sub.Tensor", of(x), of(mean)), gain);
      return keep(offset ? op("add.Tensor", centred, of(offset)) : centred, x.shape, "float32");
    },
  ),
];
