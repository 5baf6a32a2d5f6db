export { type Csl, createCsl, type Flags } from "./csl.js";
export { configFile, dataFlags } from "./data-flags.js";
export { expectThat } from "./expect-that.js";
export { expectLearned } from "./expectations.js";
export { flagsOf } from "./flags-of.js";
export { interruptedTraining } from "./interrupted-training.js";
export { type Miniature, miniature } from "./miniature.js";
export { runExample } from "./run-example.js";
export { type TwoPhases, twoPhases } from "./two-phases.js";
