import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type ImageNames, imageNamesFrom } from "./images/image-names.js";
import { findOfficialFiles, type OpenImagesSplit } from "./official-files.js";
import { readOfficialLabels } from "./official-labels.js";
import type {
  OpenImages,
  OpenImagesReport,
  ReadLabels,
  ReadOpenImagesOptions,
} from "./open-images-options.js";
import { readProcessedLabels } from "./processed/processed-labels.js";

/**
 * The labels of one split of the OpenImages that lies in `folder`. The files keep their official names (V3 to V7, also
 * gzipped, in whatever subfolders), or are the reference's `data.csv` and `mid_to_classes.pth`, where `val` is the test
 * set. Images are not looked for: see `findImages` of @csl/datasets.
 *
 * @throws CslError `not-found` when the folder has neither, and when the split is not there.
 */
export async function readOpenImages(
  folder: string,
  split: OpenImagesSplit | "val",
  options: ReadOpenImagesOptions = {},
): Promise<OpenImages> {
  checkOptions("readOpenImages", options, {
    classes: true,
    trainable: true,
    labels: true,
    machine: true,
    machineThreshold: true,
    conflicts: true,
    minimumSupport: true,
    hierarchy: true,
    version: true,
    dropUnannotated: true,
    index: true,
    signal: true,
    onProgress: true,
  });
  if (options.minimumSupport)
    checkOptions("readOpenImages: minimumSupport", options.minimumSupport, {
      positives: true,
      negatives: true,
    });
  const name = split === "val" ? "validation" : split;
  if (!["train", "validation", "test"].includes(name)) {
    throw new CslError(
      "invalid-argument",
      `readOpenImages: expected a split of train, validation, test, got ${String(split)}.`,
    );
  }
  if (options.labels !== undefined && options.labels !== "human" && options.labels !== "boxable") {
    throw new CslError(
      "invalid-argument",
      `readOpenImages: expected labels to be human or boxable, got ${JSON.stringify(options.labels)}.`,
    );
  }
  const files = await findOfficialFiles(folder, name, options.version ? { version: options.version } : {});
  const notes: string[] = [];
  const official = files.human ?? files.boxable ?? files.machine;
  if (official === undefined && files.processed === undefined) {
    throw new CslError(
      "not-found",
      `readOpenImages: expected ${name}-annotations-human-imagelabels.csv (V3 to V7 names, also .gz) or data.csv below ${folder}, got neither. ` +
        "Download the label files, or give the folder that holds them.",
    );
  }
  const read =
    official === undefined
      ? await readProcessedLabels({ ...files, processed: files.processed! }, split, { options, notes })
      : await readOfficialLabels(files, name, { options, notes });
  const { table, fileNames } = options.dropUnannotated ? annotatedOnly(read, notes) : read;
  const report: OpenImagesReport = { ...read.report, files, notes };
  return { table, fileNames, report };
}

function annotatedOnly(
  { table, fileNames }: ReadLabels,
  notes: string[],
): { table: ReadLabels["table"]; fileNames: ImageNames } {
  const kept: number[] = [];
  for (let i = 0; i < table.numSamples; i++) if (table.offsets[i] !== table.offsets[i + 1]) kept.push(i);
  if (kept.length === table.numSamples) return { table, fileNames };
  notes.push(`${table.numSamples - kept.length} images without a label among the classes are left out.`);
  return { table: table.select(kept), fileNames: imageNamesFrom(kept.length, (i) => fileNames.at(kept[i]!)) };
}
