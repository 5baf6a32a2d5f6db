export { type Augmentation, augmentations } from "./augmentations.js";
export type { ImageBatch } from "./batch-slots.js";
export { type CutoutOptions, cutout } from "./cutout.js";
export { type DecodeOptions, decodeImage } from "./decode-image.js";
export { FileRanges } from "./file-ranges.js";
export { folderImages, type Texts } from "./folder-images.js";
export type { Image } from "./image.js";
export { type ImageBatches, type ImageBatchesOptions, imageBatches } from "./image-batches.js";
export type { ByteRange, ImageList, ImageSource } from "./image-list.js";
export { createImageLoader, type EpochOptions, type ImageLoader } from "./image-loader.js";
export { type ListImagesOptions, listImages } from "./list-images.js";
export type { BatchArray, BatchType, ImageLoaderOptions } from "./loader-options.js";
export type { LoaderStats } from "./loader-stats.js";
export { imageKey } from "./prepare/image-key.js";
export type {
  PrepareFiles,
  PrepareOptions,
  PrepareProgress,
  PrepareReport,
} from "./prepare/prepare-options.js";
export { prepareShards } from "./prepare/prepare-shards.js";
export { type RandAugmentOptions, randAugment } from "./rand-augment.js";
export { type AugmentOp, type RandAugmentOpName, randAugmentOps } from "./rand-augment-ops.js";
export type { Filter } from "./resample-table.js";
export { type ResizeOptions, resize } from "./resize.js";
export {
  type OpenShardsOptions,
  openShards,
  type ShardLabel,
  type ShardSet,
} from "./shards/open-shards.js";
export type { ShardKeys } from "./shards/shard-keys.js";
export type { ShardProblem } from "./shards/shard-problem.js";
export {
  createShardWriter,
  type Shard,
  type ShardContent,
  type ShardFiles,
  type ShardWriter,
  type ShardWriterOptions,
} from "./shards/shard-writer.js";
export type { UnreadableImage } from "./unreadable-images.js";
