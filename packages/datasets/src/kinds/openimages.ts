import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { ClassList, selectClasses } from "@csl/labels";
import {
  findOfficialFiles,
  formatLabelReport,
  parseImageId,
  readClassIds,
  readMidToClasses,
  readOpenImages,
  readProcessedCsv,
  repairClassName,
} from "@csl/openimages-loader";
import type { Wording } from "../dataset.js";
import { exists, type ReadContext, type SplitFiles } from "./split-files.js";

/** The names that people give OpenImages' splits. */
const officialNames: Record<string, "train" | "validation" | "test"> = {
  train: "train",
  val: "validation",
  validation: "validation",
  test: "test",
};

/** OpenImages' own name of a split. */
function officialSplit(split: string, { speaker, optionName }: Wording): "train" | "validation" | "test" {
  const name = Object.hasOwn(officialNames, split) ? officialNames[split] : undefined;
  if (name) return name;
  throw new CslError(
    "not-found",
    `${speaker}: expected ${optionName("split")} to be one of ${Object.keys(officialNames).join(", ")} for OpenImages, got "${split}".`,
  );
}

/** The label file of a split, where the folder has one of its own. @throws CslError `not-found` for a name that is none. */
export async function findOpenImagesSplit(
  path: string,
  split: string,
  wording: Wording,
): Promise<string | undefined> {
  const name = officialSplit(split, wording);
  if (!(await stat(path)).isDirectory()) return undefined;
  const { human, boxable, processed } = await findOfficialFiles(path, name);
  return human ?? boxable ?? (processed && `${split} of ${processed}`);
}

/**
 * One split of OpenImages: official label files of V3 to V7 below a folder, or the reference authors' data.csv there or
 * as the path itself. Human-verified labels; machine labels on demand and for training only.
 */
export async function readOpenImagesSplit(
  path: string,
  split: string,
  context: ReadContext,
): Promise<SplitFiles> {
  const name = officialSplit(split, context.wording);
  if (!(await stat(path)).isDirectory()) return readProcessed(path, split, context);
  const { classes, signal, minimumSupport = 0, trainableOnly = true, machineThreshold = 0.5 } = context;
  const { table, fileNames, report } = await readOpenImages(path, split === "val" ? "val" : name, {
    ...(classes ? { classes } : { trainable: trainableOnly }),
    ...(!classes && minimumSupport > 0 && { minimumSupport: { positives: minimumSupport } }),
    machine: context.machineLabels === true && name === "train",
    machineThreshold,
    hierarchy: context.expandHierarchy ?? false,
    ...(signal && { signal }),
    onProgress: context.progress(`read ${split}`),
  });
  const trainable = report.files.trainable ? new Set(await readClassIds(report.files.trainable)) : undefined;
  const { labels } = report;
  return {
    labels: {
      truth: table,
      fileNames,
      roots: [path],
      ...(trainable && { trainable: (index: number) => trainable.has(table.classes.ids[index]!) }),
      globalIds: true,
    },
    ...(hasImageIds(table.sampleIds) && { findById: { split: name } }),
    notes: [...("bySource" in labels ? formatLabelReport(labels).split("\n") : []), ...report.notes],
  };
}

/** A data.csv as the path itself, whatever else is next to it. */
async function readProcessed(path: string, split: string, context: ReadContext): Promise<SplitFiles> {
  const { classes, signal, progress } = context;
  const { speaker, optionName } = context.wording;
  if (!/data[^/\\]*\.csv(\.gz)?$/.test(path))
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${optionName("path")} to be the folder of OpenImages' label files, or a data.csv, got ${path}. Give its folder.`,
    );
  const { splits, report } = await readProcessedCsv(path, {
    ...(classes && { classes }),
    ...(signal && { signal }),
    onProgress: progress(`read ${split}`),
  });
  const found = splits[split] ?? (officialNames[split] === "train" ? undefined : splits.val);
  if (!found)
    throw new CslError(
      "not-found",
      `${speaker}: no split "${split}" in ${path}, which has ${Object.keys(splits).join(", ")}.`,
    );
  const namesPath = join(dirname(path), "mid_to_classes.pth");
  const names = !classes && (await exists(namesPath)) ? await readMidToClasses(namesPath) : undefined;
  const table = names
    ? selectClasses(
        found.table,
        ClassList.from([...names].map(([id, name]) => ({ id, name: repairClassName(name) }))),
      )
    : found.table;
  const { contradictions, repeatedImages, badRows, unknownClasses } = report;
  const [first] = badRows.examples;
  return {
    labels: { truth: table, fileNames: found.fileNames, roots: [dirname(path)], globalIds: true },
    ...(hasImageIds(table.sampleIds) && { findById: {} }),
    otherSplits: Object.keys(splits),
    notes: [],
    fileNotes: [
      `${path}: ${report.rows} images` +
        `${badRows.count > 0 ? `, ${badRows.count} rows left out (first: line ${first?.line}: ${first?.reason})` : ""}` +
        `${repeatedImages > 0 ? `, ${repeatedImages} listed again` : ""}` +
        `${contradictions > 0 ? `, ${contradictions} contradictory labels left un-annotated` : ""}` +
        `${unknownClasses.rows > 0 ? `, ${unknownClasses.rows} labels of other classes` : ""}`,
    ],
  };
}

/** Paths that hold no ids are samples' ids as they are. */
function hasImageIds(sampleIds: { readonly length: number; at(position: number): string }): boolean {
  return sampleIds.length > 0 && parseImageId(sampleIds.at(0)) !== undefined;
}
