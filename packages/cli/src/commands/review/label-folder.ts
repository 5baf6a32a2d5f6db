import { join, relative, resolve, sep } from "node:path";
import { readClassList, type Split } from "@csl/datasets";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { writeLines } from "@csl/internal/files/write-lines";
import type { ClassList, LabelTable } from "@csl/labels";
import { type LabelRow, rowsOfTable } from "./label-rows.js";
import { labelPath } from "./review-log.js";

/** A split as rows of a label file in `folder`: its images that are there, by their paths from the folder. */
export async function rowsOfSplit(
  folder: string,
  split: Split,
  table: LabelTable,
): Promise<{ rows: Iterable<LabelRow>; inShards: boolean; missing: number }> {
  const { list, selectRows, missing } = await split.images();
  const labels = selectRows(table);
  let inShards = false;
  for (let i = 0; i < list.length && !inShards; i++) inShards = typeof list.at(i) !== "string";
  const pathOf = (sample: number): string => {
    const source = list.at(sample);
    // An image in a shard is found by the name that it had.
    if (typeof source !== "string")
      return split.fileNames.at(split.truth.indexOfSample(labels.sampleIds.at(sample))) ?? "";
    return relative(resolve(folder), resolve(source)).split(sep).join("/");
  };
  return { rows: rowsOfTable(labels, pathOf), inShards, missing };
}

/** The classes beside label files, in their order and with their names, as `--data` reads them. */
export async function writeClasses(folder: string, { ids, names }: ClassList): Promise<void> {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = ids.map((id, i) => `${quoted(id)},${quoted(names[i]!)}`);
  await writeFileAtomically(classPath(folder), `id,name\n${lines.join("\n")}\n`, "csl review");
}

export const classPath = (folder: string): string => join(folder, "classes.csv");

export const readClasses = (folder: string): Promise<ClassList> => readClassList(classPath(folder));

/** Another split, as it is, so that the folder is a whole data set. */
export async function writeSplit(folder: string, split: Split): Promise<void> {
  const { rows } = await rowsOfSplit(folder, split, split.truth);
  const lines = function* (): Generator<string, void, undefined> {
    for (const row of rows) yield JSON.stringify(row);
  };
  await writeLines(labelPath(folder, split.name), lines(), "csl review");
}
