import type { AdamState } from "@csl/checkpoints";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { firstNonFinite } from "@csl/internal/tensors/first-non-finite";
import * as tf from "@tensorflow/tfjs-core";
import type { AdamSlot } from "./adam-loop.js";
import { adamStep, guardedAdamStep } from "./adam-step.js";
import type { Ema } from "./ema.js";
import { registerHostKernels } from "./host-kernels.js";

export interface AdamOptions {
  beta2?: number;
  epsilon?: number;
  /** Default 0. The trainer passes the reference's 1e-4. */
  weightDecay?: number;
  /** true: AdamW. false (default): the decay is an L2 term of the gradient, as in the reference. */
  decoupled?: boolean;
  /** Which parameters decay. Default: everything but vectors and keys that end in `.bias`, as in the reference. */
  decays?: (key: string, shape: readonly number[]) => boolean;
  /** Factor of a parameter's learning rate, above 0. Default: 1 for all. */
  lrScale?: (key: string) => number;
}

export interface AdamRate {
  lr: number;
  beta1: number;
  ema?: Ema | undefined;
}

/** A step on a backend that guards steps, of tensors alone. */
export interface GuardedStep {
  /** Of the step that is due. */
  numbers: tf.Tensor;
  /** No weight changes where one of these, or its square, is not finite. */
  guard: tf.Tensor;
  ema?: Ema | undefined;
}

export interface Adam {
  /** Steps taken. */
  readonly step: number;
  /**
   * Changes every parameter that has a gradient. With `ema`, its averages move in the same pass; the keys of
   * those are returned, for `ema.update`. A parameter without a gradient keeps its value, moments and count of steps,
   * as in torch.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, rate: AdamRate): ReadonlySet<string>;
  /** What changes from step to step, of the step that is due: a row of `stepNumbers` for every parameter, for `move`. */
  numbers(rate: AdamRate): Float32Array;
  /** As `apply`, without counting the step: the same from step to step but for the numbers in tensors, so that it can be recorded. */
  move(gradients: ReadonlyMap<string, tf.Tensor>, step: GuardedStep): ReadonlySet<string>;
  /** Counts a step of `move`. */
  count(moved: { has(key: string): boolean }): void;
  /** The moments. */
  variables(): tf.Variable[];
  state(): Promise<AdamState>;
  /** @throws when a parameter has no moment of its size in `state`, or one that is not finite. */
  load(state: AdamState): void;
  /** Frees the moments, not the parameters. */
  dispose(): void;
}

/** Numbers handled by one kernel call: bounds the memory that old and new values need side by side. */
const groupSize = 4_000_000;

/**
 * Adam over named variables, with torch.optim.Adam's arithmetic. Betas may change from step to step; the
 * correction of the first moment is 1 - beta1^t with the beta1 of the step, as torch has it.
 */
export function createAdam(parameters: ReadonlyMap<string, tf.Variable>, options: AdamOptions = {}): Adam {
  checkOptions("createAdam", options, {
    beta2: true,
    epsilon: true,
    weightDecay: true,
    decoupled: true,
    decays: true,
    lrScale: true,
  });
  const { beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decoupled = false } = options;
  const mayDecay = options.decays ?? decays;
  const scaleOf = (key: string): number => {
    const scale = options.lrScale?.(key) ?? 1;
    checkRange("createAdam", `lrScale("${key}")`, scale, { above: 0 });
    return scale;
  };
  checkRange("createAdam", "beta2", beta2, { from: 0, below: 1 });
  checkRange("createAdam", "weightDecay", weightDecay, { from: 0 });
  // A zero in float32 would make 0 / 0 of every weight without a gradient.
  checkRange("createAdam", "epsilon", Math.fround(epsilon), { above: 0 });
  registerHostKernels(tf.getBackend());
  const zeros = (like: tf.Variable): tf.Variable => tf.tidy(() => tf.variable(tf.zeros(like.shape), false));
  const entries = [...parameters].map(([key, value], row) => ({
    key,
    row,
    value,
    moment1: zeros(value),
    moment2: zeros(value),
    decay: mayDecay(key, value.shape) ? weightDecay : 0,
    lrScale: scaleOf(key),
    /** Steps that it took no part in. */
    skipped: 0,
  }));
  type Entry = (typeof entries)[number];
  let step = 0;

  const movingIn = (gradients: ReadonlyMap<string, tf.Tensor>): Entry[] =>
    entries.filter(({ key }) => gradients.has(key));
  const keysOf = (moving: readonly Entry[], ema: Ema | undefined): Set<string> =>
    new Set(ema ? moving.map(({ key }) => key) : []);

  function count(moved: { has(key: string): boolean }): void {
    step++;
    for (const entry of entries) if (!moved.has(entry.key)) entry.skipped++;
  }

  function check({ lr, beta1 }: AdamRate): void {
    checkRange("adam.apply", "lr", lr, { from: 0 });
    checkRange("adam.apply", "beta1", beta1, { from: 0, below: 1 });
  }

  /** The new tensors by `take`, for the variables of a group. */
  function change(
    group: readonly Entry[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    ema: Ema | undefined,
    take: (
      slots: AdamSlot<tf.Variable>[],
      gradients: tf.Tensor[],
      weightDecay: number[],
    ) => AdamSlot<tf.Tensor>[],
  ): void {
    const slots = group.map(({ key, value, moment1, moment2 }): AdamSlot<tf.Variable> => {
      const average = ema?.averages.get(key);
      return { value, moment1, moment2, ...(average && { average }) };
    });
    const next = take(
      slots,
      group.map(({ key }) => gradients.get(key)!),
      group.map(({ decay }) => decay),
    );
    slots.forEach((slot, i) => {
      assignAndDispose(slot, next[i]!);
    });
  }

  return {
    get step() {
      return step;
    },
    apply(gradients, rate) {
      check(rate);
      count(gradients);
      const moving = movingIn(gradients);
      for (const group of groupsByRate(moving).flatMap(groupsBySize)) {
        const { lrScale, skipped } = group[0]!;
        const taken = step - skipped;
        change(group, gradients, rate.ema, (slots, list, weightDecay) =>
          adamStep(slots, list, weightDecay, {
            lr: rate.lr * lrScale,
            beta1: rate.beta1,
            beta2,
            epsilon,
            decoupled,
            correction1: 1 - rate.beta1 ** taken,
            correction2: 1 - beta2 ** taken,
            emaDecay: rate.ema?.decay ?? 1,
          }),
        );
      }
      return keysOf(moving, rate.ema);
    },
    numbers(rate) {
      check(rate);
      return Float32Array.from(
        entries.flatMap(({ lrScale, skipped }) => {
          const [lr, taken] = [rate.lr * lrScale, step + 1 - skipped];
          const { beta1, ema } = rate;
          const share = 1 - beta1;
          return [lr / (1 - beta1 ** taken), beta1 / share, share, taken, lr, ema?.decay ?? 1];
        }),
      );
    },
    move(gradients, { numbers, guard, ema }) {
      const moving = movingIn(gradients);
      // By operators over lists: the longer the lists, the fewer the launches.
      for (const group of groupsByRate(moving))
        change(group, gradients, ema, (slots, list, weightDecay) => {
          const { row } = group[0]!;
          return guardedAdamStep(slots, list, weightDecay, {
            beta2,
            epsilon,
            decoupled,
            guard,
            numbers,
            row,
          });
        });
      return keysOf(moving, ema);
    },
    count,
    variables: () => entries.flatMap(({ moment1, moment2 }) => [moment1, moment2]),
    async state() {
      const read = async (pick: (entry: Entry) => tf.Variable): Promise<Map<string, Float32Array>> => {
        const out = new Map<string, Float32Array>();
        for (const entry of entries) out.set(entry.key, (await pick(entry).data<"float32">()).slice());
        return out;
      };
      return {
        step,
        moment1: await read((entry) => entry.moment1),
        moment2: await read((entry) => entry.moment2),
        ...skippedSteps(entries),
      };
    },
    load(state) {
      const found = entries.map(({ key, value }) => ({
        moment1: findMoment(state.moment1, key, value.size),
        moment2: findMoment(state.moment2, key, value.size),
      }));
      entries.forEach((entry, i) => {
        const { moment1, moment2 } = entry;
        entry.skipped = state.skipped?.[entry.key] ?? 0;
        tf.tidy(() => {
          moment1.assign(tf.tensor(found[i]!.moment1.slice(), moment1.shape));
          moment2.assign(tf.tensor(found[i]!.moment2.slice(), moment2.shape));
        });
      });
      step = state.step;
    },
    dispose() {
      for (const { moment1, moment2 } of entries) tf.dispose([moment1, moment2]);
    },
  };
}

/**
 * The reference's rule for what decays: everything but vectors (biases, normalisation weights) and keys that end
 * in ".bias" (method.md 2.3, `add_weight_decay`).
 */
export function decays(key: string, shape: readonly number[]): boolean {
  return shape.length > 1 && !key.endsWith(".bias");
}

/** Those whose step has the same numbers: all of them, unless some have another rate or were left out for a while. */
function groupsByRate<T extends { lrScale: number; skipped: number }>(entries: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const rate = `${entry.lrScale} ${entry.skipped}`;
    const group = groups.get(rate);
    if (group) group.push(entry);
    else groups.set(rate, [entry]);
  }
  return [...groups.values()];
}

function skippedSteps(entries: readonly { key: string; skipped: number }[]): Pick<AdamState, "skipped"> {
  const counts = entries.filter(({ skipped }) => skipped > 0).map(({ key, skipped }) => [key, skipped]);
  return counts.length === 0 ? {} : { skipped: Object.fromEntries(counts) as Record<string, number> };
}

function groupsBySize<T extends { value: tf.Variable }>(entries: readonly T[]): T[][] {
  const groups: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    if (room < entry.value.size || groups.length === 0) {
      groups.push([]);
      room = groupSize;
    }
    groups.at(-1)!.push(entry);
    room -= entry.value.size;
  }
  return groups;
}

function assignAndDispose(slot: AdamSlot<tf.Variable>, next: AdamSlot<tf.Tensor>): void {
  for (const part of ["value", "moment1", "moment2", "average"] as const) {
    const tensor = next[part];
    if (!tensor) continue;
    slot[part]?.assign(tensor);
    tensor.dispose();
  }
}

function findMoment(moments: ReadonlyMap<string, Float32Array>, key: string, size: number): Float32Array {
  const moment = moments.get(key);
  if (moment?.length !== size) {
    const got = moment ? `${moment.length} numbers` : "none";
    throw new CslError(
      "mismatch",
      `adam.load: expected moments of ${size} numbers for "${key}", got ${got}. Is the checkpoint of another model?`,
    );
  }
  const bad = firstNonFinite(moment);
  if (bad)
    throw new CslError(
      "not-finite",
      `adam.load: expected finite moments, got ${bad.value} for "${key}". Start a new run from the weights.`,
    );
  return moment;
}
