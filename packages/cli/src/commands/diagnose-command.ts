import { loadSimulation } from "@csl/coco-simulation";
import type { Split } from "@csl/datasets";
import { splitOverlap } from "@csl/datasets";
import { diagnose, formatDiagnosis, type LabelTable, readLabelTable } from "@csl/labels";
import type { Context } from "../context.js";
import { writeJson } from "../files/write-json.js";
import { datasetFlags } from "../flags/dataset-flags.js";
import type { Flag } from "../flags/flag.js";
import { type DatasetFlags, openDataset } from "../flags/open-dataset.js";

export const diagnoseFlags: readonly Flag[] = [
  ...datasetFlags,
  ["--labels <path>", "saved labels: a folder of csl simulate, or one label file"],
  ["--split <name>", "the split to look at", "train"],
  ["--against <name>", "another split, searched for images that are in both", "val"],
  ["--json <file>", "write the diagnosis as JSON"],
  ["-q, --quiet", "print results only", false],
];

interface DiagnoseOptions extends DatasetFlags {
  labels?: string;
  split: string;
  against: string;
  json?: string;
}

/** `csl diagnose`: what the labels of a data set look like, what is wrong with them, and which mode to train in. */
export async function diagnoseCommand(
  options: DiagnoseOptions,
  { terminal, signal }: Context,
): Promise<void> {
  const saved = options.labels === undefined ? undefined : await savedLabels(options.labels);
  const dataset = await openDataset(options, terminal, { signal }).catch((error: Error) => {
    if (!saved) throw error;
  });
  const split = saved && !dataset ? undefined : await dataset?.split(options.split);
  const table = saved ?? split?.truth;
  if (!table) throw new Error("csl: nothing to look at. Pass --data or --labels.");
  const other = await dataset
    ?.split(options.against, { classes: table.classes })
    .catch((error: Error) => terminal.info(`not compared with "${options.against}": ${error.message}`));
  const diagnosis = diagnose(table, {
    ...(other && { other: other.truth }),
    names: { table: options.split, other: options.against },
  });
  terminal.print(formatDiagnosis(diagnosis));
  const missing = split && (await imagesOf(split, (line) => terminal.print(line)));
  if (split && other) {
    const { count, byId, byPath } = splitOverlap(split, other);
    if (count > 0)
      terminal.print(
        `${count} images of "${other.name}" are in "${split.name}" as well (${byId} by id, ${byPath} by path)`,
      );
  }
  if (options.json) await writeJson(options.json, { ...diagnosis, missingImages: missing ?? null });
}

/** Says how many images are there; undefined when none is. */
async function imagesOf(split: Split, print: (line: string) => void): Promise<number | undefined> {
  try {
    const { list, missing } = await split.images();
    print(`images: ${list.length} found, ${missing} missing`);
    return missing;
  } catch (error) {
    print(`images: ${(error as Error).message.replace(/^csl: /, "")}`);
    return undefined;
  }
}

async function savedLabels(path: string): Promise<LabelTable> {
  return path.endsWith(".labels") ? readLabelTable(path) : (await loadSimulation(path)).table;
}
