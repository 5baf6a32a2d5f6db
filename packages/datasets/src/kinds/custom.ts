import { stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import { type ProblemKind, problemKinds } from "../custom-labels/problem-log.js";
import { readClassList } from "../custom-labels/read-class-list.js";
import {
  type CustomLabels,
  readCustomLabels,
  splitCustomLabels,
} from "../custom-labels/read-custom-labels.js";
import type { Wording } from "../dataset.js";
import { exists, firstExisting, type ReadContext, type SplitFiles } from "./split-files.js";

const endings = ["csv", "jsonl", "ndjson", "csv.gz", "jsonl.gz"];
const classFiles = ["classes.txt", "classes.csv"];

const labelFiles = (folder: string, name: string): string[] =>
  endings.map((ending) => join(folder, `${name}.${ending}`));

/** The file that holds a split: the path itself, the split's own file in that folder, or a file of all splits. */
export async function findCustomSplit(
  path: string,
  split: string,
  { speaker, optionName }: Wording,
): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  return firstExisting(
    [split, "labels", "data"].flatMap((name) => labelFiles(path, name)),
    `${speaker}: no label file of "${split}" in ${path}.`,
    `Give the file itself, or its folder, as ${optionName("path")}.`,
  );
}

/**
 * One split of label files of your own: a file with a split column, or a folder with `labels.csv` or one file a split
 * (`train.csv`, `val.csv`, or .jsonl). Classes come from `classes.txt` next to it, else from the training labels.
 */
export async function readCustomSplit(
  path: string,
  split: string,
  context: ReadContext,
): Promise<SplitFiles> {
  const file = await findCustomSplit(path, split, context.wording);
  const folder = dirname(file);
  const isSplitFile = labelFiles(folder, split).includes(normalize(file)); // and not a file of several splits
  const read = (name: string, classes: ClassList | undefined): Promise<CustomLabels> =>
    readCustomLabels(name, {
      ...(classes && { classes }),
      ...(context.signal && { signal: context.signal }),
      onProgress: context.progress(`read ${split}`),
    });
  let classes = context.classes ?? (await readClassFile(folder));
  if (!classes && split !== "train" && isSplitFile) {
    for (const training of labelFiles(folder, "train"))
      if (!classes && (await exists(training))) classes = (await read(training, undefined)).table.classes;
  }
  const labels = await read(file, classes);
  const bySplit = splitCustomLabels(labels);
  const chosen = isSplitFile && !labels.splits ? bySplit[""] : bySplit[split];
  if (!chosen) {
    const names = Object.keys(bySplit).filter((name) => name !== "");
    const has = names.length > 0 ? `has ${names.map((name) => `"${name}"`).join(", ")}` : "names no split";
    throw new CslError(
      "not-found",
      `${context.wording.speaker}: no split "${split}" in ${file}, which ${has}. ` +
        "Give its rows a split column with train or val, or use one file a split: train.csv and val.csv.",
    );
  }
  const counts = Object.entries(labels.problemCounts).map(
    ([kind, count]) => `${file}: ${count} × ${problemKinds[kind as ProblemKind]}`,
  );
  const problems = labels.problems.slice(0, 5).map(({ line, message }) => `${file}:${line}: ${message}`);
  return {
    labels: {
      truth: chosen.table,
      fileNames: chosen.fileNames,
      // The split's own folder first: files may be numbered from 1 in every split.
      roots: [join(folder, split), join(folder, "images", split), folder, join(folder, "images")],
    },
    notes: [],
    fileNotes: [...counts, ...problems],
  };
}

async function readClassFile(folder: string): Promise<ClassList | undefined> {
  for (const name of classFiles) {
    const path = join(folder, name);
    if (await exists(path)) return readClassList(path);
  }
  return undefined;
}
