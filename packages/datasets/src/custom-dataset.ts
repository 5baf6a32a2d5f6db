import { stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { ClassList } from "@csl/labels";
import type { SplitFiles } from "./dataset.js";
import { exists, firstExisting } from "./first-existing.js";
import { type ProblemKind, problemKinds } from "./own-labels/problem-log.js";
import { readClassList } from "./own-labels/read-class-list.js";
import { type CustomLabels, readCustomLabels } from "./own-labels/read-custom-labels.js";
import { splitCustomLabels } from "./own-labels/split-custom-labels.js";
import type { ReadOptions } from "./read-options.js";

const endings = ["csv", "jsonl", "ndjson", "csv.gz", "jsonl.gz"];
const classFiles = ["classes.txt", "classes.csv"];

const named = (folder: string, name: string): string[] =>
  endings.map((ending) => join(folder, `${name}.${ending}`));

/** The file that holds a split: `data` itself, the split's own in that folder, or one of all splits. */
export async function findCustomSplit(data: string, split: string): Promise<string> {
  if (!(await stat(data)).isDirectory()) return data;
  return firstExisting(
    [split, "labels", "data"].flatMap((name) => named(data, name)),
    `csl: no label file of "${split}" in ${data}.`,
    "Give --data the file itself, or its folder.",
  );
}

/**
 * One split of label files of one's own: a file with a split column, or a folder with `labels.csv` or one file a split
 * (`train.csv`, `val.csv`, or .jsonl). Classes come from `classes.txt` beside it, else from the training labels.
 */
export async function readCustomSplit(
  data: string,
  split: string,
  options: ReadOptions,
): Promise<SplitFiles> {
  const path = await findCustomSplit(data, split);
  const folder = dirname(path);
  const own = named(folder, split).includes(normalize(path)); // and not a file of several splits
  const read = (file: string, classes: ClassList | undefined): Promise<CustomLabels> =>
    readCustomLabels(file, {
      ...(classes && { classes }),
      ...(options.signal && { signal: options.signal }),
      onProgress: options.progress(`read ${split}`),
    });
  let classes = options.classes ?? (await classesBeside(folder));
  if (!classes && split !== "train" && own) {
    for (const file of named(folder, "train"))
      if (!classes && (await exists(file))) classes = (await read(file, undefined)).table.classes;
  }
  const labels = await read(path, classes);
  const bySplit = splitCustomLabels(labels);
  const chosen = own && !labels.splits ? bySplit[""] : bySplit[split];
  if (!chosen) {
    const names = Object.keys(bySplit).filter((name) => name !== "");
    const has = names.length > 0 ? `has ${names.map((name) => `"${name}"`).join(", ")}` : "says no split";
    throw new Error(
      `csl: no split "${split}" in ${path}, which ${has}. ` +
        "Give its rows a split column with train or val, or one file a split: train.csv and val.csv.",
    );
  }
  const problems = labels.problems.slice(0, 5).map(({ line, message }) => `${path}:${line}: ${message}`);
  const counts = Object.entries(labels.problemCounts).map(
    ([kind, count]) => `${path}: ${count} × ${problemKinds[kind as ProblemKind]}`,
  );
  return {
    truth: chosen.table,
    fileNames: chosen.fileNames,
    roots: [folder, join(folder, "images"), join(folder, split)],
    notes: [],
    fileNotes: [...counts, ...problems],
  };
}

async function classesBeside(folder: string): Promise<ClassList | undefined> {
  for (const name of classFiles) {
    const path = join(folder, name);
    if (await exists(path)) return readClassList(path);
  }
  return undefined;
}
