import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainableModel } from "../model.js";
import { averageStep, type NumbersRow } from "./adam-step.js";
import { registerHostKernels } from "./host-kernels.js";

export interface EmaOptions {
  /** Share of the old average that stays at each step. Default 0.9997, the reference's. */
  decay?: number;
  /** true: min(decay, (1 + n) / (10 + n)) at update n, for short runs. Default false, as the reference. */
  warmup?: boolean;
}

/** Exponential moving average of a model's parameters and running statistics. */
export interface Ema {
  /** Averages by state-dict key. */
  readonly averages: ReadonlyMap<string, tf.Variable>;
  /** The decay of the update that is due. */
  readonly decay: number;
  /** Updates done; settable for a resume. */
  updates: number;
  /** Moves every average towards the model, but for the keys that an optimizer has moved already. */
  update(done?: ReadonlySet<string>): void;
  /** The same with the decay in a tensor, as in `Adam.move`, and without counting: `updates` is the caller's to raise. */
  move(done: ReadonlySet<string>, numbers: tf.Tensor): void;
  dispose(): void;
}

/**
 * Starts as a copy of the model. The reference averages every tensor of the state dict, running statistics
 * included (method.md 2.3), with a constant decay; `warmup` forgets the start faster.
 */
export function createEma(
  model: Pick<TrainableModel, "parameters" | "buffers">,
  options: EmaOptions = {},
): Ema {
  checkOptions("createEma", options, { decay: true, warmup: true });
  const { decay = 0.9997, warmup = false } = options;
  checkRange("createEma", "decay", decay, { from: 0, below: 1 });
  registerHostKernels(tf.getBackend());
  const sources = allVariables(model);
  const averages = new Map<string, tf.Variable>();
  // Times one: tf.variable alone would share the memory of its initial value.
  for (const [key, source] of sources)
    averages.set(
      key,
      tf.tidy(() => tf.variable(tf.mul(source, 1), false)),
    );
  function moveTo(decay: number | NumbersRow, done: ReadonlySet<string>): void {
    const due = [...sources].filter(([key]) => !done.has(key));
    const targets = due.map(([key]) => averages.get(key)!);
    const next = averageStep(
      due.map(([, source]) => source),
      targets,
      decay,
    );
    targets.forEach((target, i) => {
      target.assign(next[i]!);
      next[i]!.dispose();
    });
  }
  return {
    averages,
    updates: 0,
    get decay() {
      return warmup ? Math.min(decay, (1 + this.updates) / (10 + this.updates)) : decay;
    },
    update(done = new Set()) {
      moveTo(this.decay, done);
      this.updates++;
    },
    move(done, numbers) {
      moveTo({ numbers, row: 0 }, done);
    },
    dispose() {
      for (const average of averages.values()) average.dispose();
    },
  };
}

/** Runs `body` while the model holds the averages; the model has its own weights back afterwards. */
export async function withEmaWeights<T>(
  model: Pick<TrainableModel, "parameters" | "buffers">,
  ema: Ema,
  body: () => T | Promise<T>,
): Promise<T> {
  swapEmaWeights(model, ema);
  try {
    return await body();
  } finally {
    swapEmaWeights(model, ema);
  }
}

/** Exchanges weights and averages. No number is copied: the variables trade their memory. */
export function swapEmaWeights(model: Pick<TrainableModel, "parameters" | "buffers">, ema: Ema): void {
  for (const [key, variable] of allVariables(model)) {
    const average = ema.averages.get(key)!;
    const held = tf.clone(variable);
    variable.assign(average);
    average.assign(held);
    held.dispose();
  }
}

function allVariables(model: Pick<TrainableModel, "parameters" | "buffers">): Map<string, tf.Variable> {
  return new Map([...model.parameters(), ...model.buffers()]);
}
