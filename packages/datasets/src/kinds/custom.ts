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
import {
  countNote,
  exists,
  firstExisting,
  type ReadContext,
  type SplitFiles,
  splitNames,
} from "./split-files.js";

const endings = ["csv", "jsonl", "ndjson", "csv.gz", "jsonl.gz", "ndjson.gz"];
const classFiles = ["classes.txt", "classes.csv"];

const labelFiles = (folder: string, name: string): string[] =>
  endings.map((ending) => join(folder, `${name}.${ending}`));

/** The files that a split may have of its own: `train.csv`, `train/labels.csv`; Roboflow's are `train/_classes.csv`. */
const ownFiles = (folder: string, split: string): string[] =>
  splitNames(split).flatMap((name) => [
    ...labelFiles(folder, name),
    ...["labels", "_classes"].flatMap((file) => labelFiles(join(folder, name), file)),
  ]);

/** The file that holds a split: the path itself, the split's own file in that folder, or a file of all splits. */
export async function findCustomSplit(
  path: string,
  split: string,
  { speaker, optionName }: Wording,
): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  return firstExisting(
    [...ownFiles(path, split), ...["labels", "data", "_classes"].flatMap((name) => labelFiles(path, name))],
    `${speaker}: no label file of "${split}" in ${path}.`,
    `Give the file itself, or its folder, as ${optionName("path")}; or make it of the training images with ${optionName("valShare")} 0.2.`,
  );
}

/**
 * One split of label files of your own: a file with a split column, or a folder with `labels.csv` or one file a split
 * (`train.csv`, `val.csv`, or .jsonl). A file that names no split is for training. Classes come from `classes.txt` next
 * to it, else from the training labels.
 */
export async function readCustomSplit(
  path: string,
  split: string,
  context: ReadContext,
): Promise<SplitFiles> {
  const { speaker, optionName } = context.wording;
  const file = await findCustomSplit(path, split, context.wording);
  const folder = dirname(file);
  const base = (await stat(path)).isDirectory() ? path : folder;
  const isSplitFile = ownFiles(base, split).includes(normalize(file)); // and not a file of several splits
  const read = (name: string, classes: ClassList | undefined): Promise<CustomLabels> =>
    readCustomLabels(name, {
      ...(classes && { classes }),
      ...(context.signal && { signal: context.signal }),
      onProgress: context.progress(`read ${split}`),
    });
  let classes = context.classes ?? (await readClassFile(folder)) ?? (await readClassFile(base));
  if (!classes && split !== "train" && isSplitFile) {
    for (const training of ownFiles(base, "train"))
      if (!classes && (await exists(training))) classes = (await read(training, undefined)).table.classes;
  }
  const labels = await read(file, classes);
  const bySplit = splitCustomLabels(labels);
  const names = Object.keys(bySplit).filter((name) => name !== "");
  const called = labels.splits
    ? splitNames(split).flatMap((wanted) => names.filter((name) => name.toLowerCase() === wanted))[0]
    : isSplitFile || split === "train"
      ? ""
      : undefined;
  const chosen = called === undefined ? bySplit[split] : bySplit[called];
  if (!chosen || (labels.splits && called === "")) {
    const has =
      names.length > 0
        ? `has ${names.map((name) => `"${name}"`).join(", ")}`
        : 'names no split: all of it is "train"';
    throw new CslError(
      "not-found",
      `${speaker}: no split "${split}" in ${file}, which ${has}. ` +
        "Give its rows a split column with train or val, use one file a split: train.csv and val.csv, " +
        `or make a part of the training images the validation split with ${optionName("valShare")} 0.2.`,
    );
  }
  const counts = Object.entries(labels.problemCounts).map(
    ([kind, count]) => `${file}: ${count} × ${problemKinds[kind as ProblemKind]}`,
  );
  const problems = labels.problems.slice(0, 5).map(({ line, message }) => `${file}:${line}: ${message}`);
  const withoutSplit = labels.splits ? (bySplit[""]?.fileNames.length ?? 0) : 0;
  return {
    labels: {
      truth: chosen.table,
      fileNames: chosen.fileNames,
      // The split's own folder first: files may be numbered from 1 in every split.
      roots: [...new Set([join(base, split), join(base, "images", split), folder, join(folder, "images")])],
    },
    notes: [],
    fileNotes: [
      ...countNote(withoutSplit, `rows of ${file} name no split, where others do; they are in none`),
      ...counts,
      ...problems,
    ],
    otherSplits: names,
  };
}

async function readClassFile(folder: string): Promise<ClassList | undefined> {
  for (const name of classFiles) {
    const path = join(folder, name);
    if (await exists(path)) return readClassList(path);
  }
  return undefined;
}
