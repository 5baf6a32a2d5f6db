export type { LvisCounts, LvisLabels } from "./assemble-lvis.js";
export type { Frequency } from "./lvis-columns.js";
export { classFrequencyGroups, type ReadLvisOptions, readLvis } from "./read-lvis.js";
