export { type ContactSheetOptions, contactSheet } from "./contact-sheet.js";
export { type DrawScenesOptions, drawScenes } from "./draw-scenes.js";
export { type DrawingSet, drawingSets } from "./drawing-sets.js";
export { type ExportLvisOptions, exportLvis, type LvisExport } from "./export-lvis.js";
export {
  type ExportOpenImagesOptions,
  exportOpenImages,
  type OpenImagesExport,
  type OpenImagesSplit,
  openImagesId,
} from "./export-open-images.js";
export type { OpenImagesRelease } from "./open-images-files.js";
export { type SceneClass, sceneClasses } from "./scene-classes.js";
export { defaultObjectSize, type SceneChoices } from "./scene-options.js";
export type { SceneSet, SceneSplit, SplitName } from "./scene-set.js";
export type { AnnotatedShare } from "./verified-labels.js";
