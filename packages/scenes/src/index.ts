export { drawContactSheet } from "./contact-sheet.js";
export { drawScenes } from "./draw-scenes.js";
export { drawingSets } from "./drawings/drawing-sets.js";
export { sceneClasses } from "./drawings/scene-classes.js";
export { exportLvis } from "./exports/export-lvis.js";
export { exportOpenImages, type OpenImagesExport, openImagesId } from "./exports/export-open-images.js";
export { pretrainedBody } from "./pretrained-body.js";
export { defaultObjectSize } from "./scene-options.js";
export type { SceneSet } from "./scene-set.js";
