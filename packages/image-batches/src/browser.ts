export type { Image } from "./image.js";
export { type ResizeOptions, resize } from "./resize/resize.js";
