export { type Csl, runExample } from "./csl.js";
export { expectLearned, expectThat } from "./expectations.js";
export { miniature } from "./miniature.js";
export { wholeMethod } from "./whole-method.js";
