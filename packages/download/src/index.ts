export type { Clock } from "./fetch/clock.js";
export type { FetchRequest } from "./fetch/fetch-attempt.js";
export { type FetchedFile, type FetchFileOptions, fetchFile } from "./fetch/fetch-file.js";
export type { FetchOptions } from "./fetch/fetch-options.js";
export {
  type FetchPicturesOptions,
  type FetchProgress,
  type FetchReport,
  fetchPictures,
  type PictureItem,
} from "./fetch/fetch-pictures.js";
export type { MissingPicture } from "./fetch/missing-list.js";
export type { FetchFiles } from "./fetch/part-file.js";
export type { UnpackProgress } from "./unpack/unpack-all.js";
export { isArchive, type Unpacked, type UnpackOptions, unpackArchive } from "./unpack/unpack-archive.js";
export { type UnpackRecord, unpackedBefore } from "./unpack/unpack-state.js";
