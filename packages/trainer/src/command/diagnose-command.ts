import { loadSimulation } from "@csl/coco-simulation";
import { diagnose, formatDiagnosis, loadLabelTable } from "@csl/labels";
import type { Context } from "./context.js";
import type { Flag } from "./flag.js";
import { openSplit } from "./open-split.js";
import { writeJson } from "./write-json.js";

export const diagnoseFlags: readonly Flag[] = [
  ["--data <folder>", "a COCO-like folder", "./data/COCO_2014"],
  ["--labels <path>", "saved labels: a folder of csl simulate, or one label file"],
  ["--split <name>", "the split to look at", "train"],
  ["--against <name>", "another split, searched for pictures that are in both", "val"],
  ["--images <which>", "annotated or all", "annotated", ["annotated", "all"]],
  ["--json <file>", "write the diagnosis as JSON"],
  ["-q, --quiet", "print results only", false],
];

interface DiagnoseOptions {
  data: string;
  labels?: string;
  split: string;
  against: string;
  images: "annotated" | "all";
  json?: string;
}

/** `csl diagnose`: what the labels of a data set look like, what is wrong with them, and which mode to train in. */
export async function diagnoseCommand(options: DiagnoseOptions, { terminal }: Context): Promise<void> {
  const table = await labelsOf(options, { terminal });
  const other = await openSplit(options.data, options.against, terminal, options).catch(() => undefined);
  const diagnosis = diagnose(table, other ? { other: other.truth } : {});
  terminal.print(formatDiagnosis(diagnosis));
  if (options.json) await writeJson(options.json, diagnosis);
}

async function labelsOf(
  { labels, data, split, images }: DiagnoseOptions,
  { terminal }: Pick<Context, "terminal">,
) {
  if (!labels) return (await openSplit(data, split, terminal, { images })).truth;
  if (labels.endsWith(".labels")) return loadLabelTable(labels);
  return (await loadSimulation(labels)).table;
}
