import type { FuzzTarget } from "./target.js";
import { labelTable } from "./targets/label-table.js";
import { prior } from "./targets/prior.js";
import { safetensors } from "./targets/safetensors.js";

/** All readers that are tried. */
export const targets: readonly FuzzTarget[] = [safetensors, labelTable, prior];
