import type { CslAdamAttrs } from "@csl/internal/kernels/named-kernels";

/** The numbers of one Adam step that are the same for every parameter. */
export type AdamStep = Omit<CslAdamAttrs, "count" | "averaged" | "weightDecay">;

/** What Adam keeps of one parameter. `average` is absent when no moving average is kept. */
export type AdamSlot<T> = {
  value: T;
  moment1: T;
  moment2: T;
  average?: T;
};

/**
 * One Adam step over one parameter: value, both moments and (when kept) the moving average in a single pass over
 * memory, from `from` into `to` (which may be the same arrays). The order of operations is torch.optim.Adam's.
 */
export function adamLoop(
  from: AdamSlot<Float32Array>,
  gradient: Float32Array,
  to: AdamSlot<Float32Array>,
  weightDecay: number,
  { lr, beta1, beta2, epsilon, decoupled, correction1, correction2, emaDecay }: AdamStep,
): void {
  const { value, moment1, moment2 } = from;
  const { value: newValue, moment1: newMoment1, moment2: newMoment2 } = to;
  const average = from.average ?? null;
  const newAverage = to.average ?? null;
  const stepSize = lr / correction1;
  const rootCorrection2 = 1 / Math.sqrt(correction2);
  const shrink = decoupled ? 1 - lr * weightDecay : 1;
  const l2 = decoupled ? 0 : weightDecay;
  const keep1 = 1 - beta1;
  const keep2 = 1 - beta2;
  for (let i = 0; i < value.length; i++) {
    const old = value[i]!;
    const g = gradient[i]! + l2 * old;
    const m = moment1[i]! + keep1 * (g - moment1[i]!);
    const v = beta2 * moment2[i]! + keep2 * g * g;
    const x = old * shrink - (stepSize * m) / (Math.sqrt(v) * rootCorrection2 + epsilon);
    newMoment1[i] = m;
    newMoment2[i] = v;
    newValue[i] = x;
    if (average !== null && newAverage !== null) newAverage[i] = x + emaDecay * (average[i]! - x);
  }
}

/** decay * average + (1 - decay) * value, into `to` (which may be `average`). */
export function averageLoop(
  value: Float32Array,
  average: Float32Array,
  to: Float32Array,
  decay: number,
): void {
  for (let i = 0; i < value.length; i++) {
    const x = value[i]!;
    to[i] = x + decay * (average[i]! - x);
  }
}
