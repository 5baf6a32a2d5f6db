export { readClassDescriptions, readClassIds } from "./classes/class-descriptions.js";
export { type Expanded, type ExpandOptions, expandHierarchy } from "./classes/expand-hierarchy.js";
export { filterBySupport, type Support } from "./classes/filter-by-support.js";
export { type Hierarchy, readHierarchy } from "./classes/hierarchy.js";
export { readMidToClasses, repairClassName } from "./classes/mid-to-classes.js";
export { formatOpenImagesReport } from "./format-open-images-report.js";
export { type ImageId, parseImageId } from "./images/image-id.js";
export { type ImageInfo, type ImageListOptions, readImageList, scanImageList } from "./images/image-list.js";
export { type ImageLayout, type ImageNames, imageNames } from "./images/image-names.js";
export type { ConflictPolicy } from "./label-files/label-mark.js";
export { formatLabelReport, type LabelReport } from "./label-files/label-report.js";
export type { RowProblem } from "./label-files/label-scanner.js";
export {
  type ImageLabels,
  type ReadLabelFilesOptions,
  readLabelFiles,
} from "./label-files/read-label-files.js";
export {
  findOfficialFiles,
  type OfficialFiles,
  type OpenImagesSplit,
  type OpenImagesVersion,
} from "./official-files.js";
export type { OpenImages, OpenImagesReport, ReadOpenImagesOptions } from "./open-images-options.js";
export { type ReadProcessedOptions, readProcessedCsv } from "./processed/processed-csv.js";
export type { ProcessedCsv, ProcessedSplit } from "./processed/processed-split.js";
export { readOpenImages } from "./read-open-images.js";
export { bucketUrl } from "./servers/bucket-url.js";
export { type Choice, type ChooseOptions, chooseImages } from "./servers/choose-images.js";
export {
  OPEN_IMAGES_FILES,
  type OpenImagesFile,
  type OpenImagesFileKind,
  openImagesFiles,
} from "./servers/open-images-files.js";
export { OPEN_IMAGES_BUCKET, openImagesUrl } from "./servers/open-images-url.js";
export { type ListedImage, parseImageIds } from "./servers/parse-image-ids.js";
