import { choice, file, integer, number, type OptionsOf, path, text, toggle } from "../../flags/flag.js";
import { batchFlags, datasetPath, engineFlags, overwriteFlag } from "../../flags/shared-flags.js";
import { outputKinds } from "../../outputs/output-kinds.js";

const { workers } = batchFlags;

export const compareFlags = {
  "Data set": {
    data: path("the data to compare on; default: that of the runs", { reads: datasetPath }),
    images: path("a folder or shards of its images, when they are not next to the labels"),
    split: text("the split to compare on; default: the one that the first run validated on", {
      placeholder: "name",
    }),
    "keep-scores": toggle(
      "keep each run's scores in its folder (scores.safetensors): the next comparison without --data, --images and --split reads them",
    ),
  },
  "Images and batches": {
    "batch-size": integer("images per batch; default: each run's own", { short: "b", from: 1, to: 65_536 }),
    workers,
  },
  Comparison: {
    by: choice(
      "models: each run for itself; settings: runs that differ in their seed alone belong together; auto: settings where such are among the runs",
      ["auto", "models", "settings"],
      { default: "auto" },
    ),
    draws: integer("how many times images are drawn", { default: 1000, from: 100, to: 100_000 }),
    level: number("how often an interval shall hold", { default: 0.95, from: 0.5, below: 1 }),
    seed: integer("seed of the draws", { default: 1, from: 0, to: 2 ** 32 - 2 }),
    "min-positives": integer(
      "classes with fewer annotated positives get no interval of their own; they count in the means",
      { default: 10, from: 1 },
    ),
    "per-class": toggle("print every class, not only those that differ"),
    json: file("write all numbers as JSON", { writes: outputKinds.comparison }),
    html: file("write a page that shows them, one file", { writes: outputKinds.comparisonPage }),
    overwrite: overwriteFlag,
  },
  Engine: engineFlags,
};

export type CompareOptions = OptionsOf<typeof compareFlags>;
