export type { DescribedClass, ModelDescription } from "@csl/internal/model-description/model-description";
export type { BrowserImage } from "./browser/browser-image.js";
export { type BrowserModel, type BrowserTaggerOptions, createTagger } from "./browser/create-tagger.js";
export type { RawImage } from "./images/raw-image.js";
export type { Network } from "./tagger/network.js";
export type { TagOptions } from "./tagger/options.js";
export type { Tag } from "./tagger/pick-tags.js";
export type { ImageTags, Tagger } from "./tagger/tagger.js";
