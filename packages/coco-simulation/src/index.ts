export { type ClassFrequency, classFrequencies, frequencyTable } from "./class-frequencies.js";
export { type FrequencyChartOptions, frequencyChart, writeFrequencyChart } from "./frequency-chart.js";
export {
  type CocoCounts,
  type CocoInstances,
  type ReadCocoOptions,
  readCocoInstances,
} from "./read-coco-instances.js";
export {
  createScheme,
  fixedPerClass,
  kPositives,
  largestObject,
  positivesOnly,
  randomPerSample,
  selectAreas,
} from "./schemes.js";
export {
  type Scheme,
  type SchemeContext,
  type Simulation,
  type SimulationManifest,
  simulate,
} from "./simulate.js";
export { loadSimulation, saveSimulation } from "./simulation-folder.js";
