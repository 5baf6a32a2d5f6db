import { isCslError } from "@csl/internal/errors/csl-error";
import * as tf from "@tensorflow/tfjs-core";
import { type Batch, type BatchTensors, batchTensors, firstBadPixel } from "../batch.js";
import { findCause, nonFiniteError, type StepPlace } from "../non-finite.js";
import { type Differentiated, differentiate, type Objective } from "./differentiate.js";
import type { Learner } from "./learner.js";
import { takeUploaded } from "./upload-ahead.js";

export interface BatchPlace extends StepPlace {
  epoch: number;
  /** See `differentiate`. */
  onGradient?: ((key: string, gradient: tf.Tensor) => void) | undefined;
}

/** A batch whose images are finite, on the device; the caller owns it. */
export function finiteTensors(
  { numClasses }: Pick<Learner, "numClasses">,
  batch: Batch,
  at: StepPlace,
): BatchTensors {
  const uploaded = takeUploaded(batch);
  const pixel = uploaded ? uploaded.pixel : firstBadPixel(batch);
  if (!pixel) return uploaded ?? batchTensors(batch, numClasses);
  if (uploaded) tf.dispose([uploaded.images, uploaded.labels]);
  throw nonFiniteError(`${pixel.value} as value ${pixel.index} of the images`, at);
}

/** The loss of a batch, which may depend on where in the training it comes. */
export function lossOf({ loss }: Pick<Learner, "loss">, batch: Batch, epoch: number): Objective["loss"] {
  const place = { epoch, ...(batch.samples && { samples: batch.samples }) };
  return typeof loss === "function" ? loss : (x, y) => loss.loss(x, y, place);
}

/**
 * What `compute` gives. A loss that finds logits that are not finite, as `partialLoss` does, speaks before there is a loss: its
 * error is reported with step and cause.
 */
export async function orCause<T>(
  { model }: Pick<Learner, "model">,
  at: StepPlace,
  compute: () => T,
): Promise<T> {
  try {
    return compute();
  } catch (cause) {
    if (!isCslError(cause, "not-finite")) throw cause;
    throw nonFiniteError(`an error of the loss (${cause.message})`, {
      ...at,
      cause,
      from: await findCause(model),
    });
  }
}

/** Gradients of a batch, which the caller owns. */
export async function gradientsOrCause(
  learner: Learner,
  batch: Batch,
  at: BatchPlace,
): Promise<Differentiated> {
  const { images, labels } = finiteTensors(learner, batch, at);
  const { model, captured } = learner;
  try {
    return await orCause(learner, at, () => {
      if (captured) return captured.differentiate(images, labels);
      const loss = lossOf(learner, batch, at.epoch);
      return differentiate({ model, loss }, images, labels, at.onGradient);
    });
  } finally {
    tf.dispose([images, labels]);
  }
}
