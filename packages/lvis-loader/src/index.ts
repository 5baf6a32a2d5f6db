export type { LvisCounts, LvisLabels } from "./assemble-lvis.js";
export type { Frequency } from "./frequency.js";
export { frequencyOfClasses } from "./frequency-of-classes.js";
export { type ReadLvisOptions, readLvis } from "./read-lvis.js";
