export type { FetchRequest } from "./fetch/fetch-attempt.js";
export { type FetchedFile, type FetchFileOptions, fetchFile } from "./fetch/fetch-file.js";
export {
  type FetchImagesOptions,
  type FetchProgress,
  type FetchReport,
  fetchImages,
  type ImageItem,
} from "./fetch/fetch-images.js";
export type { FetchOptions } from "./fetch/fetch-options.js";
export type { MissingImage } from "./fetch/missing-list.js";
export type { Clock } from "./fetch/waiting.js";
export type { FetchFiles } from "./files.js";
export type { UnpackProgress } from "./unpack/unpack-all.js";
export { isArchive, type Unpacked, type UnpackOptions, unpackArchive } from "./unpack/unpack-archive.js";
export { type UnpackRecord, unpackedBefore } from "./unpack/unpack-state.js";
