export { expectAllClose } from "./all-close.js";
export { expectNoLeak } from "./expect-no-leak.js";
export { runReadme } from "./run-readme.js";
export { type ZipFileOf, type ZipOfOptions, zipOf } from "./zip-of.js";
