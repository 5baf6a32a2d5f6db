export type { StateDict, StateTensor } from "@csl/internal/tensors/state-dict";
export { parseCheckpoint, stringifyCheckpoint } from "./checkpoint-bytes.js";
export type { Checkpoint, LoadedCheckpoint } from "./checkpoint-parts.js";
export { parseSafetensors } from "./safetensors-bytes.js";
export type { Classes } from "./training-state.js";
