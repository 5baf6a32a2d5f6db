export type { DescribedClass, ModelDescription } from "@csl/internal/model-description/model-description";
export type { RawImage } from "./images/raw-image.js";
export { createTagger, type NodeModel } from "./node/create-tagger.js";
export type { NodeImage } from "./node/node-image.js";
export type { Network } from "./tagger/network.js";
export type { TaggerOptions, TagOptions } from "./tagger/options.js";
export type { Tag } from "./tagger/pick-tags.js";
export type { ImageTags, Tagger } from "./tagger/tagger.js";
