export { type ImageId, imageId } from "./image-id.js";
