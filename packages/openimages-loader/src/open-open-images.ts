import { namesBy } from "./image-names.js";
import { matchImages } from "./match-images.js";
import { type OpenImagesSplit, officialFiles } from "./official-files.js";
import { readOfficialLabels } from "./official-labels.js";
import type { Labelled, OpenImagesData, OpenImagesOptions, OpenImagesReport } from "./open-images-options.js";
import { readProcessedLabels } from "./processed-labels.js";

const choices: Readonly<Record<"missing" | "labels", readonly string[]>> = {
  missing: ["drop", "keep", "fail"],
  labels: ["human", "boxable"],
};

/**
 * One split of the OpenImages that lies in `folder`: labels and images, matched. The files keep their official names
 * (V3 to V7, also gzipped, in whatever subfolders), or are the reference's `data.csv` and `mid_to_classes.pth`, where
 * `val` is the test set.
 *
 * @throws when the folder has neither, when the split is not there, and with `missing: "fail"`.
 */
export async function openOpenImages(
  folder: string,
  split: OpenImagesSplit | "val",
  options: OpenImagesOptions = {},
): Promise<OpenImagesData> {
  const name = split === "val" ? "validation" : split;
  if (!["train", "validation", "test"].includes(name)) {
    throw new Error(`openOpenImages: expected a split of train, validation, test, got ${String(split)}.`);
  }
  for (const [option, allowed] of Object.entries(choices)) {
    const value = options[option as keyof typeof choices];
    if (value !== undefined && !allowed.includes(value))
      throw new Error(
        `openOpenImages: expected ${option} to be ${allowed.join(" or ")}, got ${JSON.stringify(value)}.`,
      );
  }
  const files = await officialFiles(folder, name, options.version ? { version: options.version } : {});
  const notes: string[] = [];
  const official = files.human ?? files.boxable ?? files.machine;
  if (official === undefined && files.processed === undefined) {
    throw new Error(
      `openOpenImages: expected ${name}-annotations-human-imagelabels.csv (V3 to V7 names, also .gz) or data.csv below ${folder}, got neither. ` +
        "Download the label files, or give the folder that holds them.",
    );
  }
  const labelled =
    official === undefined
      ? await readProcessedLabels({ ...files, processed: files.processed! }, split, { options, notes })
      : await readOfficialLabels(files, name, { options, notes });
  const annotated = options.dropUnannotated ? annotatedOnly(labelled, notes) : labelled;
  const matched = await matchImages(annotated, { folder, split: name, options, notes });
  const report: OpenImagesReport = { ...labelled.report, files, images: matched.report, notes };
  return { table: matched.table, images: matched.images, fileNames: matched.fileNames, report };
}

function annotatedOnly(
  { table, fileNames }: Labelled,
  notes: string[],
): Pick<Labelled, "table" | "fileNames"> {
  const kept: number[] = [];
  for (let i = 0; i < table.numSamples; i++) if (table.offsets[i] !== table.offsets[i + 1]) kept.push(i);
  if (kept.length === table.numSamples) return { table, fileNames };
  notes.push(`${table.numSamples - kept.length} images without a label among the classes are left out.`);
  return { table: table.select(kept), fileNames: namesBy(kept.length, (i) => fileNames.at(kept[i]!)) };
}
