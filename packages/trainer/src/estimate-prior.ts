import { checkOptions } from "@csl/internal/errors/check-options";
import { ClassPriorEstimator, type Prior } from "@csl/partial-loss";
import { type Batches, type ImagesOnly, imageTensor } from "./batch.js";
import type { Collectives } from "./distributed/collectives.js";
import type { InferableModel } from "./model.js";
import { turn } from "./turn.js";

/**
 * The class prior as the paper defines it (Fig. 3): the mean prediction over the training images of a temporary
 * model that was trained in Ignore mode. A pass of its own, in inference mode; give batches without augmentation,
 * and the model its averaged weights. (What the reference computes is `runningPrior` of the training.)
 *
 * The sums do not depend on the order of the images, to the bit: several processes get what one would get.
 *
 * @param classIds ids in the order of the model's outputs.
 * @param options.collectives other processes with other images: the prior is that of all of them, on every rank. A rank may
 * have no image.
 * @throws when there is no image, or the model has another number of outputs.
 */
export async function estimatePrior(
  model: InferableModel,
  batches: Batches<ImagesOnly>,
  classIds: readonly string[],
  options: { onProgress?: (images: number) => void; signal?: AbortSignal; collectives?: Collectives } = {},
): Promise<Prior> {
  checkOptions("estimatePrior", options, { onProgress: true, signal: true, collectives: true });
  const { onProgress, signal, collectives } = options;
  const [high, low] = [new ClassPriorEstimator(classIds), new ClassPriorEstimator(classIds)];
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const images = imageTensor(batch);
    const logits = model.forward(images, { training: false });
    images.dispose();
    try {
      const probabilities = sigmoid(await logits.data());
      high.update(probabilities.map(highPart), batch.size);
      low.update(probabilities.map(lowPart), batch.size);
    } finally {
      logits.dispose();
    }
    onProgress?.(high.count);
    await turn();
  }
  const numbers = Float64Array.from([...high.sums, ...low.sums, high.count]);
  await collectives?.allReduce(numbers);
  const sums = numbers.slice(0, classIds.length).map((sum, c) => sum + numbers[classIds.length + c]! / UNIT);
  const total = ClassPriorEstimator.fromSums(classIds, sums, numbers.at(-1)!);
  return total.prior({ source: "mean prediction over the training images" });
}

/**
 * A probability is added up as two multiples of 2^-26, the second one scaled by 2^26; what is below 2^-52 is dropped. Such sums
 * are exact in float64 for up to 2^27 images, in whatever order they are made.
 */
const UNIT = 2 ** 26;
const highPart = (probability: number): number => Math.floor(probability * UNIT) / UNIT;
const lowPart = (probability: number): number => highPart((probability - highPart(probability)) * UNIT);

/** 1 / (1 + e^-x) of every logit, computed in float64 on the host. */
export function sigmoid(logits: ArrayLike<number>): Float32Array {
  const out = new Float32Array(logits.length);
  for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-logits[i]!));
  return out;
}
