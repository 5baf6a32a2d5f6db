import {
  CslAddRelu,
  type CslAddReluAttrs,
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
  type CslAddReluInputs,
} from "@csl/internal/kernels/named-kernels";
import type * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";

/** relu(a + b), the end of a residual block, and its gradient from the result alone. */
export const addReluKernels: tf.KernelConfig[] = [
  defineKernel<CslAddReluInputs, CslAddReluAttrs>(CslAddRelu, ({ a, b }, _, { fused, stored, keep }) =>
    keep(fused("addRelu", [stored(a), stored(b)])[0]!, a.shape, "float32"),
  ),
  defineKernel<CslAddReluGradInputs, CslAddReluGradAttrs>(
    CslAddReluGrad,
    ({ dy, y }, _, { fused, stored, keep }) =>
      keep(fused("addReluGradient", [stored(dy), stored(y)])[0]!, y.shape, "float32"),
  ),
];
