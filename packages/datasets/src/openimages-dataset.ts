import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ClassList, selectClasses } from "@csl/labels";
import {
  findImages,
  formatLabelReport,
  imageId,
  openOpenImages,
  readClassIds,
  readMidToClasses,
  readProcessedCsv,
  repairClassName,
} from "@csl/openimages-loader";
import type { SplitFiles, Texts } from "./dataset.js";
import { type FoundImages, findInFolders } from "./find-in-folders.js";
import { exists } from "./first-existing.js";
import type { ReadOptions } from "./read-options.js";

/** The names that people give OpenImages' splits. */
const splitNames: Record<string, "train" | "validation" | "test"> = {
  train: "train",
  val: "validation",
  validation: "validation",
  test: "test",
};

/** OpenImages' own name of a split. @throws when it has no such split. */
export function openImagesSplit(split: string): "train" | "validation" | "test" {
  const name = splitNames[split];
  if (name) return name;
  throw new Error(
    `csl: expected --split to be one of ${Object.keys(splitNames).join(", ")} for OpenImages, got "${split}".`,
  );
}

/**
 * One split of OpenImages: official label files of V3 to V7 below a folder, or the reference authors' data.csv there or
 * as the path itself. Human-verified labels; machine labels on demand and for training only.
 */
export async function readOpenImagesSplit(
  data: string,
  split: string,
  options: ReadOptions,
): Promise<SplitFiles> {
  const name = openImagesSplit(split);
  const { classes, signal, minimumSupport = 0 } = options;
  if (!(await stat(data)).isDirectory()) return readProcessed(data, split, options);
  const { table, fileNames, report } = await openOpenImages(data, split === "val" ? "val" : name, {
    ...(classes ? { classes } : { trainable: options.trainableOnly ?? true }),
    ...(!classes && minimumSupport > 0 && { minimumSupport: { positives: minimumSupport } }),
    machine: options.machineLabels === true && name === "train",
    machineThreshold: options.machineThreshold ?? 0.5,
    hierarchy: options.expandHierarchy ?? false,
    images: false,
    ...(signal && { signal }),
    onProgress: options.progress(`read ${split}`),
  });
  const trainable = report.files.trainable ? new Set(await readClassIds(report.files.trainable)) : undefined;
  const { labels } = report;
  return {
    truth: table,
    fileNames,
    roots: [data],
    find: (roots) => findById(roots, { ids: table.sampleIds, fileNames, split: name, signal }),
    ...(trainable && { trainable: (index: number) => trainable.has(table.classes.ids[index]!) }),
    globalIds: true,
    notes: [...("bySource" in labels ? formatLabelReport(labels).split("\n") : []), ...report.notes],
  };
}

/** `--data some/data.csv`, whatever else lies beside it. */
async function readProcessed(path: string, split: string, options: ReadOptions): Promise<SplitFiles> {
  if (!/data[^/\\]*\.csv(\.gz)?$/.test(path))
    throw new Error(
      `csl: expected --data to be the folder of OpenImages' label files, or a data.csv, got ${path}. Give its folder.`,
    );
  const { classes, signal } = options;
  const { splits, report } = await readProcessedCsv(path, {
    ...(classes && { classes }),
    ...(signal && { signal }),
    onProgress: options.progress(`read ${split}`),
  });
  const found = splits[split] ?? (splitNames[split] === "train" ? undefined : splits.val);
  if (!found)
    throw new Error(`csl: no split "${split}" in ${path}, which has ${Object.keys(splits).join(", ")}.`);
  const named = join(dirname(path), "mid_to_classes.pth");
  const names = !classes && (await exists(named)) ? await readMidToClasses(named) : undefined;
  const table = names
    ? selectClasses(
        found.table,
        ClassList.from([...names].map(([id, name]) => ({ id, name: repairClassName(name) }))),
      )
    : found.table;
  const { contradictions, repeatedImages, badRows, unknownClasses } = report;
  return {
    truth: table,
    fileNames: found.fileNames,
    roots: [dirname(path)],
    find: (roots) => findById(roots, { ids: table.sampleIds, fileNames: found.fileNames, signal }),
    globalIds: true,
    notes: [],
    fileNotes: [
      `${path}: ${report.rows} images` +
        `${badRows.count > 0 ? `, ${badRows.count} rows left out (first: line ${badRows.examples[0]?.line}: ${badRows.examples[0]?.reason})` : ""}` +
        `${repeatedImages > 0 ? `, ${repeatedImages} listed again` : ""}` +
        `${contradictions > 0 ? `, ${contradictions} contradictory labels left un-annotated` : ""}` +
        `${unknownClasses.rows > 0 ? `, ${unknownClasses.rows} labels of other classes` : ""}`,
    ],
  };
}

/** By the id that a file name holds, in any layout of folders or in shards; by path where ids are none of OpenImages'. */
async function findById(
  roots: readonly string[],
  {
    ids,
    fileNames,
    split,
    signal,
  }: {
    ids: Texts & Parameters<typeof findImages>[1];
    fileNames: Texts;
    split?: string;
    signal?: AbortSignal | undefined;
  },
): Promise<FoundImages | undefined> {
  if (ids.length === 0 || imageId(ids.at(0) ?? "") === undefined) return findInFolders(roots, fileNames);
  for (const root of roots) {
    const { found, missing, images } = await findImages(root, ids, {
      ...(split !== undefined && { split }),
      ...(signal && { signal }),
    });
    if (found.length > 0)
      return { list: images, samples: missing.length > 0 ? found : undefined, missing, where: root };
  }
  return undefined;
}
