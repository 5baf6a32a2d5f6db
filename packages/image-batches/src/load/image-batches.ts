import { checkOptions } from "@csl/internal/errors/check-options";
import type { ImageList } from "../sources/image-list.js";
import type { ImageBatch } from "./batch-slots.js";
import { createImageLoader, type EpochOptions } from "./image-loader.js";
import { type BatchType, type ImageLoaderOptions, loaderOptionNames } from "./loader-options.js";
import type { UnreadableImage } from "./unreadable-images.js";

export type ImageBatchesOptions<T extends BatchType = BatchType> = ImageLoaderOptions<T> &
  EpochOptions & {
    /** Decides, with `seed`, the shuffle and the augmentation. Default 0. */
    epoch?: number;
  };

/** A generator of batches that also lists the images it left out, as it finds them. */
export type ImageBatches<T extends BatchType = BatchType> = AsyncGenerator<ImageBatch<T>, void, undefined> & {
  readonly unreadable: readonly UnreadableImage[];
};

/**
 * One pass over the images: `createImageLoader`, one epoch, `close`. For several epochs create the loader
 * yourself, so that its threads (and its cache) are kept.
 */
export function imageBatches<T extends BatchType = "uint8">(
  images: readonly string[] | ImageList,
  options: ImageBatchesOptions<T>,
): ImageBatches<T> {
  checkOptions("imageBatches", options, { ...loaderOptionNames, epoch: true, from: true });
  const { epoch = 0, from = 0, ...rest } = options;
  const loader = createImageLoader(images, rest as ImageLoaderOptions<T>);
  async function* pass(): AsyncGenerator<ImageBatch<T>, void, undefined> {
    try {
      yield* loader.epoch(epoch, { from });
    } finally {
      await loader.close();
    }
  }
  return Object.assign(pass(), { unreadable: loader.unreadable });
}
