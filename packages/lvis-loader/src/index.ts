export type { LvisLabels } from "./assemble-lvis.js";
export type { Frequency } from "./lvis-columns.js";
export { classFrequencyGroups, readLvis } from "./read-lvis.js";
