import {
  CslSqueezeExcite,
  type CslSqueezeExciteAttrs,
  CslSqueezeExciteGrad,
  type CslSqueezeExciteGradAttrs,
  type CslSqueezeExciteGradInputs,
  type CslSqueezeExciteInputs,
} from "@csl/internal/kernels/named-kernels";
import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** Squeeze-and-excitation of @csl/tresnet: [y, pooled, hidden, gate], and [dx, dw1, db1, dw2, db2]. */
export const squeezeExciteKernels: tf.KernelConfig[] = [
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
