import {
  CslAddRelu,
  type CslAddReluAttrs,
  CslAddReluGrad,
  type CslAddReluGradAttrs,
  type CslAddReluGradInputs,
  type CslAddReluInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { type KernelDefinition, runKernel } from "./kernel-definition.js";

/** y = max(a + b, 0): the end of every residual block. Keeps only y. */
export const addRelu: KernelDefinition<CslAddReluInputs, CslAddReluAttrs> = {
  name: CslAddRelu,
  composed: ({ a, b }) => tf.relu(tf.add(a, b)),
  flat: (memory, { a, b }) => {
    const y = memory.allocate(a.shape);
    const [left, right, out] = [memory.view(a), memory.view(b), memory.view(y)];
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.max(left[i]! + right[i]!, 0); // a NaN stays one
    }
    return [y];
  },
  gradient: {
    outputsToSave: [true],
    gradFunc: (dy, saved) => {
      const dx = runKernel(addReluGrad, { dy: dy as tf.Tensor, y: saved[0]! }, {});
      // One tensor for both: the tape disposes what it accumulates, so the second gets its own handle.
      return { a: () => dx, b: () => tf.clone(dx) };
    },
  },
};

/** dx = dy where y > 0; the same for both summands. */
export const addReluGrad: KernelDefinition<CslAddReluGradInputs, CslAddReluGradAttrs> = {
  name: CslAddReluGrad,
  composed: ({ dy, y }) => tf.mul(dy, tf.step(y)),
  flat: (memory, { dy, y }) => {
    const dx = memory.allocate(y.shape);
    const [upstream, kept, out] = [memory.view(dy), memory.view(y), memory.view(dx)];
    for (let i = 0; i < out.length; i++) out[i] = kept[i]! > 0 ? upstream[i]! : 0;
    return [dx];
  },
};

/** relu(a + b). */
export function addThenRelu(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  return runKernel(addRelu, { a, b }, {});
}
