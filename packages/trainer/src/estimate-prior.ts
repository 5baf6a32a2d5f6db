import { ClassPriorEstimator, type Prior } from "@csl/partial-loss";
import { imageTensor } from "./batch-tensors.js";
import type { InferableModel } from "./model.js";
import { sigmoid } from "./sigmoid.js";
import type { Batches, ImagesOnly } from "./task.js";
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
  { onProgress, signal }: { onProgress?: (images: number) => void; signal?: AbortSignal } = {},
): Promise<Prior> {
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
