export { type Augmentation, augmentations } from "./augment/augmentations.js";
export { type CutoutOptions, cutout } from "./augment/cutout.js";
export { type RandAugmentOptions, randAugment } from "./augment/rand-augment.js";
export { type AugmentOp, type RandAugmentOpName, randAugmentOps } from "./augment/rand-augment-ops.js";
export { type DecodeOptions, decodeImage } from "./decode/decode-image.js";
export type { Image } from "./image.js";
export type { ImageBatch } from "./load/batch-slots.js";
export type { LoaderStats } from "./load/epoch-batches.js";
export { type ImageBatches, type ImageBatchesOptions, imageBatches } from "./load/image-batches.js";
export { createImageLoader, type EpochOptions, type ImageLoader } from "./load/image-loader.js";
export type { BatchArray, BatchType, ImageLoaderOptions } from "./load/loader-options.js";
export type { UnreadableImage } from "./load/unreadable-images.js";
export { imageKey } from "./prepare/image-key.js";
export type {
  PrepareFiles,
  PrepareOptions,
  PrepareProgress,
  PrepareReport,
} from "./prepare/prepare-options.js";
export { prepareShards } from "./prepare/prepare-shards.js";
export type { Filter } from "./resize/resample-table.js";
export { type ResizeOptions, resize } from "./resize/resize.js";
export {
  type OpenShardsOptions,
  openShards,
  type ShardLabel,
  type ShardSet,
} from "./shards/open-shards.js";
export type { ShardProblem } from "./shards/shard-index.js";
export type { ShardKeys } from "./shards/shard-keys.js";
export {
  createShardWriter,
  type Shard,
  type ShardContent,
  type ShardFiles,
  type ShardWriter,
  type ShardWriterOptions,
} from "./shards/shard-writer.js";
export { FileRanges } from "./sources/file-ranges.js";
export type { ByteRange, ImageList, ImageSource } from "./sources/image-list.js";
export { folderImages, type Texts } from "./sources/image-list.js";
export { type ListImagesOptions, listImages } from "./sources/list-images.js";
