import { isCslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { type Batch, type BatchTensors, batchTensors, firstBadPixel } from "../batch.js";
import { findCause, nonFiniteError, type StepPlace } from "../non-finite.js";
import { type Differentiated, differentiate } from "./differentiate.js";
import type { Learner } from "./learner.js";
import { takeUploaded } from "./upload-ahead.js";

export interface BatchPlace extends StepPlace {
  epoch: number;
  /** See `differentiate`. */
  onGradient?: ((key: string, gradient: tf.Tensor) => void) | undefined;
}

/**
 * Gradients of a batch whose images are finite. A loss that finds logits that are not, as `partialLoss` does, speaks before
 * there is a loss: its error is reported with step and cause.
 */
export async function gradientsOrCause(
  learner: Learner,
  batch: Batch,
  at: BatchPlace,
): Promise<Differentiated> {
  const uploaded = takeUploaded(batch);
  const pixel = uploaded ? uploaded.pixel : firstBadPixel(batch);
  if (pixel) throw nonFiniteError(`${pixel.value} as value ${pixel.index} of the images`, at);
  try {
    return computeGradients(learner, batch, uploaded ?? batchTensors(batch, learner.numClasses), at);
  } catch (cause) {
    if (!isCslError(cause, "not-finite")) throw cause;
    throw nonFiniteError(`an error of the loss (${cause.message})`, {
      ...at,
      cause,
      from: await findCause(learner.model),
    });
  }
}

/** Disposes of the batch's tensors; the caller owns what it gets. */
function computeGradients(
  { model, loss, ...learner }: Learner,
  batch: Batch,
  { images, labels }: BatchTensors,
  { epoch, onGradient }: BatchPlace,
): Differentiated {
  const place = { epoch, ...(batch.samples && { samples: batch.samples }) };
  const placed =
    typeof loss === "function" ? loss : (x: tf.Tensor2D, y: tf.Tensor2D) => loss.loss(x, y, place);
  try {
    const captured = learner.captured?.differentiate(images, labels);
    return captured ?? differentiate({ model, loss: placed }, images, labels, onGradient);
  } finally {
    tf.dispose([images, labels]);
  }
}

/** Takes ownership of `gradients`. */
export function addInto(sums: Map<string, tf.Tensor>, gradients: ReadonlyMap<string, tf.Tensor>): void {
  for (const [key, gradient] of gradients) {
    const sum = sums.get(key);
    // Gradients may come within a tidy.
    sums.set(key, sum ? tf.keep(tf.add(sum, gradient)) : gradient);
    if (sum) tf.dispose([sum, gradient]);
  }
}
