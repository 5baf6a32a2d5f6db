export { readClassDescriptions } from "./class-descriptions.js";
export { readClassIds } from "./class-ids.js";
export { type Expanded, type ExpandOptions, expandHierarchy } from "./expand-hierarchy.js";
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
export { type ListedImage, parseImageIds } from "./fetch/parse-image-ids.js";
export type { FetchFiles } from "./fetch/part-file.js";
export type { UnpackProgress } from "./fetch/unpack/unpack-all.js";
export {
  isArchive,
  type Unpacked,
  type UnpackOptions,
  unpackArchive,
} from "./fetch/unpack/unpack-archive.js";
export { type UnpackRecord, unpackedBefore } from "./fetch/unpack/unpack-state.js";
export { filterBySupport, type Support } from "./filter-by-support.js";
export { type FindPicturesOptions, type FoundPictures, findPictures } from "./find-pictures.js";
export { formatOpenImagesReport } from "./format-open-images-report.js";
export { type Hierarchy, hierarchyFrom, readHierarchy } from "./hierarchy.js";
export { type ImageId, imageId } from "./image-id.js";
export { type ImageInfo, type ImageListOptions, readImageList, scanImageList } from "./image-list.js";
export type { ConflictPolicy } from "./label-mark.js";
export { formatLabelReport, type LabelReport } from "./label-report.js";
export type { RowProblem } from "./label-scanner.js";
export { readMidToClasses } from "./mid-to-classes.js";
export {
  type OfficialFiles,
  type OpenImagesSplit,
  type OpenImagesVersion,
  officialFiles,
} from "./official-files.js";
export type { OpenImagesData, OpenImagesOptions, OpenImagesReport } from "./open-images-options.js";
export { openOpenImages } from "./open-open-images.js";
export { type PictureLayout, type PictureNames, pictureNames } from "./picture-names.js";
export {
  type ProcessedCsv,
  type ProcessedSplit,
  type ReadProcessedOptions,
  readProcessedCsv,
} from "./processed-csv.js";
export { type ImageLabels, type ReadLabelFilesOptions, readLabelFiles } from "./read-label-files.js";
export { repairClassName } from "./repair-class-name.js";
