import { file, type OptionsOf, path, toggle } from "../../flags/flag.js";
import { batchFlags, datasetPath, engineFlags, overwriteFlag } from "../../flags/shared-flags.js";
import { outputKinds } from "../../outputs/output-kinds.js";

const { workers } = batchFlags;

export const verifyFlags = {
  "Data set": {
    data: path("the data of the run, where it is elsewhere now", { reads: datasetPath }),
    images: path("a folder or shards of its images, where they are elsewhere now"),
  },
  Verification: {
    retrain: toggle("train it again as well, into a temporary folder, and compare both models"),
    workers,
    json: file("write what was found as JSON", { writes: outputKinds.verification }),
    overwrite: overwriteFlag,
  },
  Engine: engineFlags,
};

export type VerifyOptions = OptionsOf<typeof verifyFlags>;
