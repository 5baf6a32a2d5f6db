export { readClassDescriptions } from "./class-descriptions.js";
export { readClassIds } from "./class-ids.js";
export { type Expanded, type ExpandOptions, expandHierarchy } from "./expand-hierarchy.js";
export { filterBySupport, type Support } from "./filter-by-support.js";
export { formatOpenImagesReport } from "./format-open-images-report.js";
export { type Hierarchy, hierarchyFrom, readHierarchy } from "./hierarchy.js";
export { type ImageId, imageId } from "./image-id.js";
export { type ImageInfo, type ImageListOptions, readImageList, scanImageList } from "./image-list.js";
export { type ImageLayout, type ImageNames, imageNames } from "./image-names.js";
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
export type { OpenImages, OpenImagesReport, ReadOpenImagesOptions } from "./open-images-options.js";
export {
  type ProcessedCsv,
  type ProcessedSplit,
  type ReadProcessedOptions,
  readProcessedCsv,
} from "./processed-csv.js";
export { type ImageLabels, type ReadLabelFilesOptions, readLabelFiles } from "./read-label-files.js";
export { readOpenImages } from "./read-open-images.js";
export { repairClassName } from "./repair-class-name.js";
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
