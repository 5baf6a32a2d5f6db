import {
  CslAdam,
  type CslAdamAttrs,
  type CslAdamInputs,
  CslAverage,
  type CslAverageAttrs,
  type CslAverageInputs,
  type CslGuardedAdamAttrs,
  type CslGuardedAverageAttrs,
  CslNorm,
  type CslNormInputs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import type { Handle } from "../binding.js";
import { defineKernel } from "../define-kernel.js";
import type { TorchBackend } from "../torch-backend.js";

/** The kernels of @csl/trainer over many parameters at once: a step of Adam, of a moving average alone, a norm. */
export const adamKernels: tf.KernelConfig[] = [
  defineKernel<CslAdamInputs, CslAdamAttrs | CslGuardedAdamAttrs>(CslAdam, (inputs, attrs, scope) => {
    const { backend, fused, of, keep, constant } = scope;
    const given = Object.values(inputs);
    const { count, averaged, beta2, epsilon, decoupled, weightDecay } = attrs;
    const tensors = given.slice(0, (averaged ? 5 : 4) * count);
    const lists = [count, Number(averaged)];
    const donation = donationOf([...tensors.slice(0, count), ...tensors.slice(2 * count)], backend);
    const each = tensors.slice(0, count).map((_, i) => weightDecay[i] ?? 0);
    const compute = (): Handle[] => {
      const fixed = [beta2, epsilon, Number(decoupled), donation, ...each];
      if ("row" in attrs) return fused("adamOnDevice", given.map(of), [...lists, 1, attrs.row, ...fixed]);
      if (backend.device !== "cpu") {
        const tensors = [...given.map(of), constant(rowOf(attrs))];
        return fused("adamOnDevice", tensors, [...lists, 0, 0, ...fixed]);
      }
      const { lr, beta1, correction1, correction2, emaDecay } = attrs;
      const numbers = [lr, beta1, beta2, epsilon, Number(decoupled), correction1, correction2, emaDecay];
      return fused("adam", given.map(of), [...lists, ...numbers, donation, ...each]);
    };
    return compute().map((handle, i) => keep(handle, tensors[i % count]!.shape, "float32"));
  }),
  defineKernel<CslAverageInputs, CslAverageAttrs | CslGuardedAverageAttrs>(
    CslAverage,
    (inputs, attrs, { backend, fused, of, keep, constant }) => {
      const given = Object.values(inputs);
      const { count } = attrs;
      const donation = donationOf(given.slice(count, 2 * count), backend);
      const compute = (): Handle[] => {
        if ("row" in attrs) return fused("averageOnDevice", given.map(of), [count, attrs.row, donation]);
        const { decay } = attrs;
        if (backend.device === "cpu") return fused("average", given.map(of), [count, decay]);
        const row = constant(Float32Array.of(0, 0, 0, 0, 0, decay));
        return fused("averageOnDevice", [...given.map(of), row], [count, 0, donation]);
      };
      return compute().map((handle, i) => keep(handle, given[i]!.shape, "float32"));
    },
  ),
  defineKernel<CslNormInputs>(CslNorm, (inputs, _, { op, ops, of, keep }) => {
    const norms = ops("_foreach_norm.Scalar", Object.values(inputs).map(of), 2);
    return keep(op("norm.Scalar", op("stack", norms, 0), 2), [], "float32");
  }),
];

/** What changes from step to step, as the row of `stepNumbers` that a device takes. */
function rowOf({ lr, beta1, beta2, correction1, correction2, emaDecay }: CslAdamAttrs): Float32Array {
  // Any large number of steps corrects nothing.
  const taken = correction2 < 1 ? Math.max(1, Math.round(Math.log1p(-correction2) / Math.log(beta2))) : 1e6;
  return Float32Array.of(lr / correction1, beta1 / (1 - beta1), 1 - beta1, taken, lr, emaDecay);
}

/** Whose memory the results may take: nobody's, that of the inputs where nobody shares it, or that in any case. */
const donations = { none: 0, whereSole: 1, always: 2 } as const;

/**
 * Variables whose memory no other tensor shares are about to be assigned their next value: the old one may go. In a recording
 * that memory is the recording's own.
 */
function donationOf(tensors: readonly tf.TensorInfo[], backend: TorchBackend): number {
  const sole = tensors.every(
    (tensor) => tensor instanceof tf.Variable && backend.refCount(tensor.dataId) === 1,
  );
  if (!sole) return donations.none;
  return backend.recording ? donations.always : donations.whereSole;
}
