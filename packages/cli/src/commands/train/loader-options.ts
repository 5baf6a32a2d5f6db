import type { ImageLoaderOptions } from "@csl/image-batches";
import { timeLimits } from "../../data/image-loaders.js";
import type { Ranks } from "../../ranks/ranks.js";
import { workersOf } from "../../ranks/workers-of.js";
import type { TrainOptions } from "./train-flags.js";
import { shareOf } from "./training-ranks.js";

/** How the images of a training, or of its validation, are read. */
export function loaderOptions(
  options: TrainOptions,
  {
    training,
    count,
    ranks,
  }: { training: boolean /** Images of the list. */; count: number; ranks: Ranks | undefined },
): ImageLoaderOptions<"uint8"> {
  const { imageSize, batchSize, seed, workers, onUnreadable, cache, accumulate } = options;
  return {
    ...timeLimits(options),
    size: imageSize,
    batchSize,
    seed,
    workers: workersOf(workers, ranks),
    // In training equal parts, so that all ranks take their steps together; else every image once.
    ...(ranks && (training ? { rank: ranks.rank, ranks: ranks.size } : { only: shareOf(count, ranks) })),
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
