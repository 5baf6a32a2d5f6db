import type { ImageLoaderOptions } from "@csl/image-batches";
import { timeLimits } from "../../data/image-loaders.js";
import type { TrainOptions } from "./train-flags.js";

/** How the images of a training, or of its validation, are read. */
export function loaderOptions(
  options: TrainOptions,
  { training }: { training: boolean },
): ImageLoaderOptions<"uint8"> {
  const { imageSize, batchSize, seed, workers, onUnreadable, cache, accumulate } = options;
  return {
    ...timeLimits(options),
    size: imageSize,
    batchSize,
    seed,
    workers,
    cache,
    shuffle: training,
    augment: training ? options.augment : "none",
    dropLast: training,
    // In training another image takes the place, so that every batch is full and places stay what they are.
    onUnreadable: training && onUnreadable === "skip" ? "replace" : onUnreadable,
    dtype: "uint8",
    // Accumulated batches are held together; a single one is no longer needed when the next is asked for.
    reuse: accumulate === 1,
  };
}
