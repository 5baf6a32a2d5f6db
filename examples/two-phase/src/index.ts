export { type Csl, createCsl, type Flags, runExample } from "./csl.js";
export { expectLearned, expectThat } from "./expectations.js";
export { configFile, parseFlags, splitFlags } from "./flags.js";
export { interruptedTraining } from "./interrupted-training.js";
export { type Miniature, miniature } from "./miniature.js";
export { type TwoPhases, twoPhases } from "./two-phases.js";
