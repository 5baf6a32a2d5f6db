export { expectAllClose } from "./all-close.js";
export { expectNoLeak } from "./expect-no-leak.js";
export { runReadme } from "./run-readme.js";
