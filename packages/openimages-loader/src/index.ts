export { bucketUrl } from "./fetch/bucket-url.js";
export { type Choice, type ChooseOptions, choosePictures } from "./fetch/choose-pictures.js";
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
export {
  OPEN_IMAGES_FILES,
  type OpenImagesFile,
  type OpenImagesFileKind,
  openImagesFiles,
} from "./fetch/open-images-files.js";
export { OPEN_IMAGES_BUCKET, openImagesUrl } from "./fetch/open-images-url.js";
export type { FetchFiles } from "./fetch/part-file.js";
export { type ImageId, imageId } from "./image-id.js";
export type { ConflictPolicy } from "./label-mark.js";
export { formatLabelReport, type LabelReport } from "./label-report.js";
export type { RowProblem } from "./label-scanner.js";
export { type ImageLabels, type ReadLabelFilesOptions, readLabelFiles } from "./read-label-files.js";
