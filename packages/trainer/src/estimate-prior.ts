import { checkOptions } from "@csl/internal/errors/check-options";
import { ClassPriorEstimator, type Prior } from "@csl/partial-loss";
import { type Batches, type ImagesOnly, imageTensor } from "./batch.js";
import type { InferableModel } from "./model.js";
import { turn } from "./turn.js";

/**
 * The class prior as the paper defines it (Fig. 3): the mean prediction over the training images of a temporary
 * model that was trained in Ignore mode. A pass of its own, in inference mode; give batches without augmentation,
 * and the model its averaged weights. (What the reference computes is `runningPrior` of the training.)
 *
 * @param classIds ids in the order of the model's outputs.
 * @throws when there is no image, or the model has another number of outputs.
 */
export async function estimatePrior(
  model: InferableModel,
  batches: Batches<ImagesOnly>,
  classIds: readonly string[],
  options: { onProgress?: (images: number) => void; signal?: AbortSignal } = {},
): Promise<Prior> {
  checkOptions("estimatePrior", options, { onProgress: true, signal: true });
  const { onProgress, signal } = options;
  const estimator = new ClassPriorEstimator(classIds);
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const images = imageTensor(batch);
    const logits = model.forward(images, { training: false });
    images.dispose();
    try {
      estimator.update(sigmoid(await logits.data()), batch.size);
    } finally {
      logits.dispose();
    }
    onProgress?.(estimator.count);
    await turn();
  }
  return estimator.prior({ source: "mean prediction over the training images" });
}

/** 1 / (1 + e^-x) of every logit, computed in float64 on the host. */
export function sigmoid(logits: ArrayLike<number>): Float32Array {
  const out = new Float32Array(logits.length);
  for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]!));
  return out;
}
