export { type ClassFrequency, classFrequencies, frequencyTable } from "./class-frequencies.js";
export { frequencyChart, writeFrequencyChart } from "./frequency-chart.js";
export { type CocoInstances, readCocoInstances } from "./read-coco-instances.js";
export {
  createScheme,
  fixedPerClass,
  kPositives,
  largestObject,
  positivesOnly,
  randomPerSample,
  selectAreas,
} from "./schemes.js";
export { type Scheme, type Simulation, simulate } from "./simulate.js";
export { loadSimulation, saveSimulation } from "./simulation-folder.js";
