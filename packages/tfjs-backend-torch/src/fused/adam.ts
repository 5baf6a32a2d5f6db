import {
  CslAdam,
  type CslAdamAttrs,
  type CslAdamInputs,
  CslAverage,
  type CslAverageAttrs,
  type CslAverageInputs,
  CslNorm,
  type CslNormInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import { defineKernel } from "../define-kernel.js";
import type { TorchBackend } from "../torch-backend.js";

/** The kernels of @csl/trainer over many parameters at once: a step of Adam, of a moving average alone, a norm. */
export const adamKernels: tf.KernelConfig[] = [
  defineKernel<CslAdamInputs, CslAdamAttrs>(CslAdam, (inputs, attrs, { backend, fused, of, keep }) => {
    const { count, averaged, decoupled, weightDecay, guarded } = attrs;
    const given = Object.values(inputs);
    const tensors = guarded ? given.slice(0, -1) : given;
    const { lr, beta1, beta2, epsilon, correction1, correction2, emaDecay } = attrs;
    const numbers = [count, Number(averaged), lr, beta1, beta2, epsilon, Number(decoupled)];
    numbers.push(
      correction1,
      correction2,
      emaDecay,
      Number(tensors.every((tensor, i) => isGradient(i, count) || isSoleVariable(tensor, backend))),
      ...tensors.slice(0, count).map((_, i) => weightDecay[i] ?? 0),
    );
    const handles = fused("adam", given.map(of), numbers);
    return handles.map((handle, i) => keep(handle, tensors[i % count]!.shape, "float32"));
  }),
  defineKernel<CslAverageInputs, CslAverageAttrs>(
    CslAverage,
    (inputs, { count, decay }, { fused, of, keep }) => {
      const tensors = Object.values(inputs);
      const handles = fused("average", tensors.map(of), [count, decay]);
      return handles.map((handle, i) => keep(handle, tensors[i]!.shape, "float32"));
    },
  ),
  defineKernel<CslNormInputs>(CslNorm, (inputs, _, { op, ops, of, keep }) => {
    const norms = ops("_foreach_norm.Scalar", Object.values(inputs).map(of), 2);
    return keep(op("norm.Scalar", op("stack", norms, 0), 2), [], "float32");
  }),
];

function isGradient(index: number, count: number): boolean {
  return index >= count && index < 2 * count;
}

/** A variable whose memory no other tensor shares. It is about to be assigned its next value: the old one may go. */
function isSoleVariable(tensor: tf.TensorInfo, backend: TorchBackend): boolean {
  return tensor instanceof tf.Variable && backend.refCount(tensor.dataId) === 1;
}
