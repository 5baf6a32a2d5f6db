import type { FuzzTarget } from "./target.js";
import { annotations } from "./targets/annotations.js";
import { images } from "./targets/images.js";
import { labelFiles } from "./targets/label-files.js";
import { labelTable } from "./targets/label-table.js";
import { prior } from "./targets/prior.js";
import { safetensors } from "./targets/safetensors.js";
import { shards } from "./targets/shards.js";

/** All readers that are tried. */
export const targets: readonly FuzzTarget[] = [
  safetensors,
  labelTable,
  prior,
  ...images,
  shards,
  ...annotations,
  ...labelFiles,
];
