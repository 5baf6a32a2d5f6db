export { readClassDescriptions, readClassIds } from "./classes/class-descriptions.js";
export { expandHierarchy } from "./classes/expand-hierarchy.js";
export { filterBySupport, type Support } from "./classes/filter-by-support.js";
export { type Hierarchy, readHierarchy } from "./classes/hierarchy.js";
export { readMidToClasses, repairClassName } from "./classes/mid-to-classes.js";
export { formatOpenImagesReport } from "./format-open-images-report.js";
export { parseImageId } from "./images/image-id.js";
export { type ImageInfo, readImageList, scanImageList } from "./images/image-list.js";
export { type ImageLayout, type ImageNames, imageNames } from "./images/image-names.js";
export type { ConflictPolicy } from "./label-files/label-mark.js";
export { formatLabelReport, type LabelReport } from "./label-files/label-report.js";
export {
  type ImageLabels,
  type ReadLabelFilesOptions,
  readLabelFiles,
} from "./label-files/read-label-files.js";
export { findOfficialFiles, type OfficialFiles } from "./official-files.js";
export type { OpenImages, ReadOpenImagesOptions } from "./open-images-options.js";
export { type ReadProcessedOptions, readProcessedCsv } from "./processed/processed-csv.js";
export type { ProcessedCsv } from "./processed/processed-split.js";
export { readOpenImages } from "./read-open-images.js";
export { bucketUrl } from "./servers/bucket-url.js";
export { chooseImages } from "./servers/choose-images.js";
export { OPEN_IMAGES_FILES, type OpenImagesFile, openImagesFiles } from "./servers/open-images-files.js";
export { OPEN_IMAGES_BUCKET, openImagesUrl } from "./servers/open-images-url.js";
export { parseImageIds } from "./servers/parse-image-ids.js";
