export { expectAllClose } from "./all-close.js";
export { expectNoLeak } from "./expect-no-leak.js";
