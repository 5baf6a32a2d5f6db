import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import type { Adam } from "./adam.js";
import { type Batch, batchTensors } from "./batch.js";
import type { CapturedGradients } from "./captured-gradients.js";
import { type Differentiated, differentiate, type Objective } from "./differentiate.js";
import type { Ema } from "./ema.js";

/** What a step trains. */
export interface Learner extends Objective {
  adam: Adam;
  ema?: Ema | undefined;
  numClasses: number;
  /** Gradients by a recorded step; `lasting`, if several batches make one step. Default: computed operator by operator. */
  captured?: CapturedGradients | undefined;
}

/**
 * One optimizer step over one or more batches. Their gradients are added, not averaged: with the reference's sum
 * reduction, k accumulated batches weigh as one batch of k times the size. (Batch normalisation still sees each
 * batch alone.)
 *
 * @param onLogits receives each batch's logits in training mode, row after row.
 * @returns the loss, summed over the batches.
 * @throws CslError `not-finite` naming step and rate; the optimizer has changed nothing then.
 */
export async function trainStep(
  learner: Learner,
  batches: readonly Batch[],
  rate: { lr: number; beta1: number },
  options: { onLogits?: ((logits: Float32Array, rows: number) => void) | undefined } = {},
): Promise<number> {
  checkOptions("trainStep", options, { onLogits: true });
  const { onLogits } = options;
  const { adam, ema } = learner;
  const sums = new Map<string, tf.Tensor>();
  let total = 0;
  try {
    for (const batch of batches) {
      const result = computeGradients(learner, batch);
      addInto(sums, result.gradients);
      const logits = onLogits && (await result.logits.data<"float32">());
      total += (await result.loss.data())[0]!;
      tf.dispose([result.loss, result.logits]);
      if (!Number.isFinite(total)) throw nonFinite(total, adam.step + 1, rate.lr);
      if (logits) onLogits(logits, batch.size);
    }
    const averaged = adam.apply(sums, { ...rate, ema });
    ema?.update(averaged);
    return total;
  } finally {
    tf.dispose([...sums.values()]);
  }
}

function nonFinite(loss: number, step: number, lr: number): CslError {
  return new CslError(
    "not-finite",
    `train: expected a finite loss, got ${loss} at step ${step} with learning rate ${lr.toPrecision(3)}. ` +
      "The checkpoint on disk is untouched; resume from it, or lower the learning rate.",
  );
}

/** The caller owns what it gets. */
function computeGradients(learner: Learner, batch: Batch): Differentiated {
  const { images, labels } = batchTensors(batch, learner.numClasses);
  try {
    return learner.captured?.differentiate(images, labels) ?? differentiate(learner, images, labels);
  } finally {
    tf.dispose([images, labels]);
  }
}

/** Takes ownership of `gradients`. */
function addInto(sums: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>): void {
  for (const [key, gradient] of gradients) {
    const sum = sums.get(key);
    sums.set(key, sum ? tf.add(sum, gradient) : gradient);
    if (sum) tf.dispose([sum, gradient]);
  }
}
