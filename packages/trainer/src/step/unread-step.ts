import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../batch.js";
import { findCause, findNonFinite, nonFiniteError } from "../non-finite.js";
import { largestNorm, norm } from "../optimizer/norm.js";
import { addInto, type BatchPlace, gradientsOrCause } from "./batch-gradients.js";
import type { Learner, StepResult } from "./learner.js";

/** Whether the backend's Adam changes no weight where the numbers that it gets are not finite. */
export function guardsSteps(): boolean {
  return (tf.backend() as { guardsSteps?: boolean }).guardsSteps === true;
}

/**
 * A step that the host does not wait within: all of it is queued, the optimizer's part included, which the device itself leaves out
 * where the loss or a norm is not finite. What the step gives is read when it is done, at once.
 */
export async function unreadStep(
  { ranks: _, ...learner }: Learner,
  batches: readonly Batch[],
  rate: { lr: number; beta1: number },
  options: {
    onLogits?: ((logits: Float32Array, batch: Batch) => void) | undefined;
    clipGradNorm?: number | undefined;
    at: BatchPlace;
  },
): Promise<StepResult> {
  const { onLogits, clipGradNorm, at } = options;
  const { adam, ema, model } = learner;
  const sums = new Map<string, tf.Tensor>();
  const losses: tf.Scalar[] = [];
  const logits: Promise<Float32Array>[] = [];
  let numbers: tf.Tensor | undefined;
  try {
    for (const batch of batches) {
      const result = await gradientsOrCause(learner, batch, at);
      addInto(sums, result.gradients);
      losses.push(result.loss);
      if (onLogits) logits.push(result.logits.data<"float32">());
      result.logits.dispose();
    }
    numbers = tf.tidy(() =>
      tf.stack([norm([...sums.values()]), norm([...model.buffers().values()]), ...losses]),
    );
    const read = numbers.data<"float32">();
    const clipped = clipGradNorm === undefined ? sums : clip(sums, numbers, clipGradNorm);
    const averaged = adam.apply(clipped, { ...rate, ema, guard: numbers });
    if (clipped !== sums) tf.dispose([...clipped.values()]);
    ema?.update(averaged);
    const [gradientNorm = 0, statistics = 0, ...each] = await read;
    const seen = await Promise.all(logits);
    const loss = each.reduce((sum, value) => sum + value, 0);
    if (!Number.isFinite(loss))
      throw nonFiniteError(`${loss} as the loss`, { ...at, from: await findCause(model) });
    if (!(Math.max(gradientNorm, statistics) <= largestNorm)) {
      const found = (await findNonFinite(sums)) ?? (await findCause(model));
      if (found) throw nonFiniteError(found, at);
    }
    for (const [i, batch] of batches.entries()) if (onLogits) onLogits(seen[i]!, batch);
    const images = batches.reduce((sum, { size }) => sum + size, 0);
    return { loss, gradientNorm, images, stop: false };
  } finally {
    tf.dispose([numbers, losses, ...sums.values()]);
  }
}

/** New gradients, scaled down to a norm with torch.nn.utils.clip_grad_norm_'s factor; `numbers` begin with the norm. */
function clip(
  gradients: ReadonlyMap<string, tf.Tensor>,
  numbers: tf.Tensor,
  most: number,
): Map<string, tf.Tensor> {
  const factor = tf.tidy(() => tf.minimum(1, tf.div(most, tf.add(tf.slice(numbers, 0, 1), 1e-6))));
  const scaled = [...gradients].map(([key, gradient]) => [key, tf.mul(gradient, factor)] as const);
  factor.dispose();
  return new Map(scaled);
}
