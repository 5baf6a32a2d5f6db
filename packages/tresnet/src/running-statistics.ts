import * as tf from "@tensorflow/tfjs-core";
import { runningUpdate } from "./kernels/abn.js";
import { runKernels } from "./kernels/kernel-definition.js";

/** Weight of the newest batch in the running statistics. */
const momentum = 0.1;

interface Update {
  running: tf.Variable;
  batch: tf.Tensor;
  add: number;
}

/** The running statistics of a pass: they move together at its end, by one kernel. */
export class RunningStatistics {
  readonly #updates: Update[] = [];

  /** Takes note of what a norm has found. `factor`: what the batch's statistic is multiplied by before it counts. */
  note(running: tf.Variable, batch: tf.Tensor, factor = 1): void {
    this.#updates.push({ running, batch: tf.keep(batch), add: momentum * factor });
  }

  /** Runs a pass and then moves the statistics; a pass that throws moves none. */
  after<T>(pass: () => T): T {
    try {
      const result = pass();
      this.#move();
      return result;
    } finally {
      tf.dispose(this.#updates.splice(0).map(({ batch }) => batch));
    }
  }

  #move(): void {
    if (this.#updates.length === 0) return;
    const lists = (["running", "batch"] as const).flatMap((part) =>
      this.#updates.map((update) => update[part]),
    );
    const add = this.#updates.map((update) => update.add);
    const next = [runKernels(runningUpdate, lists, { keep: 1 - momentum, add })].flat();
    for (const [i, { running }] of this.#updates.entries()) running.assign(next[i]!);
    tf.dispose(next);
  }
}
