import type { FuzzTarget } from "./target.js";
import { annotations } from "./targets/annotations.js";
import { images } from "./targets/images.js";
import { labelFiles } from "./targets/label-files.js";
import { labelTable } from "./targets/label-table.js";
import { prior } from "./targets/prior.js";
import { safetensors } from "./targets/safetensors.js";
import { settings } from "./targets/settings.js";
import { shards } from "./targets/shards.js";
import { weights } from "./targets/weights.js";

/** All readers that are tried. */
export const targets: readonly FuzzTarget[] = [
  safetensors,
  ...weights,
  labelTable,
  prior,
  ...settings,
  ...images,
  shards,
  ...annotations,
  ...labelFiles,
];
