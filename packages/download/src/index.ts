export { type FetchedFile, fetchFile } from "./fetch/fetch-file.js";
export { type FetchProgress, fetchImages, type ImageItem } from "./fetch/fetch-images.js";
export type { UnpackProgress } from "./unpack/unpack-all.js";
export { isArchive, type Unpacked, unpackArchive } from "./unpack/unpack-archive.js";
export { unpackedBefore } from "./unpack/unpack-state.js";
export { type FetchWeightsOptions, fetchWeights, type Weights } from "./weights/fetch-weights.js";
export { findKnownWeights, type KnownWeights, knownWeights } from "./weights/known-weights.js";
export { type ListedWeights, listWeights } from "./weights/list-weights.js";
export { isWeightsName } from "./weights/weights-source.js";
