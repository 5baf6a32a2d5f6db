export { type ClassFrequency, classFrequencies } from "./class-frequencies.js";
export { fixedPerClass } from "./fixed-per-class.js";
export { type FrequencyImageOptions, frequencyImage } from "./frequency-image.js";
export { frequencyTable } from "./frequency-table.js";
export { kPositives } from "./k-positives.js";
export { largestObject } from "./largest-object.js";
export { positivesOnly } from "./positives-only.js";
export { randomPerSample } from "./random-per-sample.js";
export {
  type CocoCounts,
  type CocoInstances,
  type ReadCocoOptions,
  readCocoInstances,
} from "./read-coco-instances.js";
export { saveFrequencyImage } from "./save-frequency-image.js";
export type { Scheme, SchemeContext } from "./scheme.js";
export { schemeNamed, schemes } from "./scheme-named.js";
export { selectAreas } from "./select-areas.js";
export { type Simulation, type SimulationManifest, simulate } from "./simulate.js";
export { loadSimulation, saveSimulation } from "./simulation-folder.js";
