import * as tf from "@tensorflow/tfjs-core";
import type { Adam } from "./adam.js";
import { batchTensors } from "./batch-tensors.js";
import type { Ema } from "./ema.js";
import type { TrainableModel } from "./model.js";
import type { Batch } from "./task.js";

/** What a step works on. */
export interface Learner {
  model: TrainableModel;
  loss: (logits: tf.Tensor2D, labels: tf.Tensor2D) => tf.Scalar;
  adam: Adam;
  ema?: Ema | undefined;
  numClasses: number;
}

/**
 * One optimizer step over one or more batches. Their gradients are added, not averaged: with the reference's sum
 * reduction, k accumulated batches weigh as one batch of k times the size. (Batch normalisation still sees each
 * batch alone.)
 *
 * @param onLogits receives each batch's logits in training mode, row after row.
 * @returns the loss, summed over the batches.
 * @throws when the loss is not finite, naming step and rate; the optimizer has changed nothing then.
 */
export async function trainStep(
  { model, loss, adam, ema, numClasses }: Learner,
  batches: readonly Batch[],
  rate: { lr: number; beta1: number },
  { onLogits }: { onLogits?: ((logits: Float32Array, rows: number) => void) | undefined } = {},
): Promise<number> {
  const sums = new Map<string, tf.Tensor>();
  let total = 0;
  try {
    for (const batch of batches) {
      const result = differentiate(model, loss, batch, numClasses);
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

function nonFinite(loss: number, step: number, lr: number): Error {
  return new Error(
    `train: expected a finite loss, got ${loss} at step ${step} with learning rate ${lr.toPrecision(3)}. ` +
      "The checkpoint on disk is untouched; resume from it, or lower the learning rate.",
  );
}

/** Loss, logits and the gradient of every parameter that the loss depends on. The caller owns all of them. */
function differentiate(
  model: TrainableModel,
  loss: Learner["loss"],
  batch: Batch,
  numClasses: number,
): { loss: tf.Scalar; logits: tf.Tensor2D; gradients: Map<string, tf.Tensor> } {
  const parameters = [...model.parameters()];
  const { images, labels } = batchTensors(batch, numClasses);
  let logits: tf.Tensor2D | undefined;
  try {
    const { value, grads } = tf.variableGrads(
      () => {
        logits = tf.keep(model.forward(images, { training: true }));
        return loss(logits, labels);
      },
      parameters.map(([, variable]) => variable),
    );
    const gradients = new Map<string, tf.Tensor>();
    for (const [key, variable] of parameters) {
      const gradient = grads[variable.name];
      if (gradient) gradients.set(key, gradient);
    }
    return { loss: value, logits: logits!, gradients };
  } catch (error) {
    logits?.dispose();
    throw error;
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
