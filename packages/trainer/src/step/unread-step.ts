import * as tf from "@tensorflow/tfjs-core";
import type { Batch, BatchTensors } from "../batch.js";
import { findCause, findNonFinite, nonFiniteError } from "../non-finite.js";
import { largestNorm } from "../optimizer/norm.js";
import { type BatchPlace, finiteTensors, lossOf, orCause } from "./batch-gradients.js";
import type { Learner, StepOptions, StepResult } from "./learner.js";
import { type StepTensors, wholeStep } from "./whole-step.js";

/** Whether the backend's Adam changes no weight where the numbers that it gets are not finite. */
export function guardsSteps(): boolean {
  return (tf.backend() as { guardsSteps?: boolean }).guardsSteps === true;
}

/**
 * A step that the host does not wait within: all of it is queued, as one launch where it is recorded. What the step gives is
 * read when it is done, at once.
 */
export async function unreadStep(
  learner: Learner,
  batches: readonly Batch[],
  rate: { lr: number; beta1: number },
  options: StepOptions & { at: BatchPlace },
): Promise<StepResult> {
  const { onLogits, clipGradNorm, at } = options;
  const { adam, ema, model } = learner;
  const inputs: BatchTensors[] = [];
  let numbers: tf.Tensor | undefined;
  let step: StepTensors | undefined;
  let early: Promise<Float32Array> | undefined;
  try {
    for (const batch of batches) inputs.push(finiteTensors(learner, batch, at));
    const given = tf.tensor1d(adam.numbers({ ...rate, ema }));
    numbers = given;
    step = await orCause(learner, at, () => {
      if (learner.recorded) return learner.recorded.take(inputs, given);
      const withLoss = inputs.map((input, i) => ({ ...input, loss: lossOf(learner, batches[i]!, at.epoch) }));
      // Queued before the optimizer's part, which the device then does while the host queues the next step.
      return wholeStep({ model, adam, ema, clipGradNorm }, withLoss, given, (seen) => {
        early = seen.data<"float32">();
      });
    });
    const { seen, logits, gradients } = step;
    adam.count(gradients);
    if (ema) ema.updates++;
    const rows = onLogits ? logits.map((tensor) => tensor.data<"float32">()) : [];
    const [gradientNorm = 0, statistics = 0, ...losses] = await (early ?? seen.data<"float32">());
    const logitsRead = await Promise.all(rows);
    const loss = losses.reduce((sum, value) => sum + value, 0);
    if (!Number.isFinite(loss))
      throw nonFiniteError(`${loss} as the loss`, { ...at, from: await findCause(model) });
    if (!(Math.max(gradientNorm, statistics) <= largestNorm)) {
      const found = (await findNonFinite(gradients)) ?? (await findCause(model));
      if (found) throw nonFiniteError(found, at);
    }
    for (const [i, batch] of batches.entries()) onLogits?.(logitsRead[i]!, batch);
    const images = batches.reduce((sum, { size }) => sum + size, 0);
    return { loss, gradientNorm, images, stop: false };
  } finally {
    tf.dispose([
      inputs.map(({ images, labels }) => [images, labels]),
      numbers,
      ...(step ? [step.seen, ...step.logits, ...step.gradients.values()] : []),
    ] as tf.TensorContainer);
  }
}
