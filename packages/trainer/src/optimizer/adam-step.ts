import {
  CslAdam,
  type CslAdamAttrs,
  CslAverage,
  type CslAverageAttrs,
  type CslGuardedAdamAttrs,
  type CslGuardedAverageAttrs,
} from "@csl/internal/kernels/named-kernels";
import * as tf from "@tensorflow/tfjs-core";
import type { AdamSlot, AdamStep } from "./adam-loop.js";

/** What changes from step to step, on the device: rows of `stepNumbers`, and the row that counts. */
export interface NumbersRow {
  numbers: tf.Tensor;
  row: number;
}

type Fixed = Pick<CslAdamAttrs, "beta2" | "epsilon" | "decoupled">;

/**
 * One Adam step over a group of parameters, by the backend's "CslAdam" kernel where there is one, composed of
 * TensorFlow.js ops elsewhere. The caller owns the returned tensors.
 */
export function adamStep(
  slots: readonly AdamSlot<tf.Tensor>[],
  gradients: readonly tf.Tensor[],
  weightDecay: readonly number[],
  step: AdamStep,
): AdamSlot<tf.Tensor>[] {
  if (!tf.getKernel(CslAdam, tf.getBackend()))
    return slots.map((slot, i) => tf.tidy(() => composed(slot, gradients[i]!, weightDecay[i]!, step)));
  return runAdam(slots, gradients, [], (lists) => ({ ...step, ...lists, weightDecay: [...weightDecay] }));
}

/** The same on a backend whose `guardsSteps` is true: see `CslGuardedAdamAttrs`. */
export function guardedAdamStep(
  slots: readonly AdamSlot<tf.Tensor>[],
  gradients: readonly tf.Tensor[],
  weightDecay: readonly number[],
  { beta2, epsilon, decoupled, guard, numbers, row }: Fixed & NumbersRow & { guard: tf.Tensor },
): AdamSlot<tf.Tensor>[] {
  const fixed = { beta2, epsilon, decoupled, row, guarded: true as const };
  return runAdam(slots, gradients, [guard, numbers], (lists) => ({
    ...fixed,
    ...lists,
    weightDecay: [...weightDecay],
  }));
}

function runAdam(
  slots: readonly AdamSlot<tf.Tensor>[],
  gradients: readonly tf.Tensor[],
  more: readonly tf.Tensor[],
  attrsOf: (lists: Pick<CslAdamAttrs, "count" | "averaged">) => CslAdamAttrs | CslGuardedAdamAttrs,
): AdamSlot<tf.Tensor>[] {
  const count = slots.length;
  if (count === 0) return [];
  const averaged = slots[0]!.average !== undefined;
  const [values, ...rest] = (
    ["value", "moment1", "moment2", ...(averaged ? (["average"] as const) : [])] as const
  ).map((column) => slots.map((slot) => slot[column]!));
  const inputs = [...values!, ...gradients, ...rest.flat(), ...more];
  const outputs = runListKernel(CslAdam, inputs, attrsOf({ count, averaged }));
  return slots.map((_, i) => ({
    value: outputs[i]!,
    moment1: outputs[count + i]!,
    moment2: outputs[2 * count + i]!,
    ...(averaged && { average: outputs[3 * count + i]! }),
  }));
}

/** decay * average + (1 - decay) * value for every pair. The caller owns the returned tensors. */
export function averageStep(
  values: readonly tf.Tensor[],
  averages: readonly tf.Tensor[],
  decay: number | NumbersRow,
): tf.Tensor[] {
  const count = values.length;
  if (count === 0) return [];
  if (typeof decay !== "number") {
    const { numbers, row } = decay;
    const attrs: CslGuardedAverageAttrs = { count, row };
    return runListKernel(CslAverage, [...values, ...averages, numbers], attrs);
  }
  if (tf.getKernel(CslAverage, tf.getBackend()))
    return runListKernel(CslAverage, [...values, ...averages], {
      count,
      decay,
    } satisfies CslAverageAttrs);
  return values.map((value, i) => tf.tidy(() => moveTowards(averages[i]!, value, decay)));
}

function composed(
  { value, moment1, moment2, average }: AdamSlot<tf.Tensor>,
  gradient: tf.Tensor,
  weightDecay: number,
  { lr, beta1, beta2, epsilon, decoupled, correction1, correction2, emaDecay }: AdamStep,
): AdamSlot<tf.Tensor> {
  const l2 = !decoupled && weightDecay !== 0;
  const g = l2 ? tf.add(gradient, tf.mul(value, weightDecay)) : gradient;
  const m = tf.add(moment1, tf.mul(tf.sub(g, moment1), 1 - beta1));
  const v = tf.add(tf.mul(moment2, beta2), tf.mul(tf.square(g), 1 - beta2));
  const root = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(correction2)), epsilon);
  const shrunk = decoupled && weightDecay !== 0 ? tf.mul(value, 1 - lr * weightDecay) : value;
  const x = tf.sub(shrunk, tf.div(tf.mul(m, lr / correction1), root));
  return {
    value: x,
    moment1: m,
    moment2: v,
    ...(average && { average: moveTowards(average, x, emaDecay) }),
  };
}

function moveTowards(average: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor {
  return tf.add(value, tf.mul(tf.sub(average, value), decay));
}

/** A kernel over a list of tensors, as TensorFlow.js' own Concat and AddN take it. */
function runListKernel(name: string, inputs: tf.Tensor[], attrs: object): tf.Tensor[] {
  return tf
    .engine()
    .runKernel(name, inputs as unknown as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor[];
}
