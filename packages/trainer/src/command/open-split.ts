import { join } from "node:path";
import { type CocoInstances, readCocoInstances } from "@csl/coco-simulation";
import type { LabelTable } from "@csl/labels";
import { findSplit } from "./find-split.js";
import { progressLine } from "./progress-line.js";
import type { Terminal } from "./terminal.js";

/** The pictures of one split and everything that is true of them. Sample i of `truth` is the picture `paths[i]`. */
export interface Split {
  truth: LabelTable;
  paths: string[];
  instances: CocoInstances;
}

/** Reads one split of a COCO-like folder, with progress: a large instances file takes seconds. */
export async function openSplit(
  folder: string,
  split: string,
  terminal: Terminal,
  { images = "annotated" }: { images?: "annotated" | "all" } = {},
): Promise<Split> {
  const files = await findSplit(folder, split);
  const instances = await readCocoInstances(files.instances, {
    images,
    onProgress: (done, total) =>
      terminal.status(progressLine({ label: `read ${split}`, done, total }, { columns: terminal.columns })),
  });
  terminal.endStatus();
  return {
    truth: instances.table,
    paths: instances.fileNames.map((name) => join(files.images, name)),
    instances,
  };
}
