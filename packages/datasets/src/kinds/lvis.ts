import { join, posix } from "node:path";
import { classFrequencyGroups, readLvis } from "@csl/lvis-loader";
import type { Wording } from "../dataset.js";
import { identityNotes } from "./identity-notes.js";
import { countNote, firstExisting, type ReadContext, type SplitFiles } from "./split-files.js";

/** Where an LVIS annotation file of a split may lie. v1 goes before v0.5. */
const lvisNames = (split: string): string[] =>
  [`lvis_v1_${split}.json`, `lvis_v0.5_${split}.json`].flatMap((name) =>
    ["annotations", "", "lvis"].flatMap((folder) => [join(folder, name), join(folder, `${name}.gz`)]),
  );

/** COCO 2017's folders: LVIS has images of all of them, whatever its own split. */
const cocoFolders = ["train2017", "val2017", "test2017", ""];

/** The annotation file of a split. @throws CslError `not-found`, with the places where it was looked for. */
export function findLvisSplit(
  folder: string,
  split: string,
  { speaker, optionName }: Wording,
): Promise<string> {
  return firstExisting(
    lvisNames(split).map((name) => join(folder, name)),
    `${speaker}: no LVIS annotations of "${split}" in ${folder}.`,
    `Give the folder that holds them as ${optionName("path")}, leave ${optionName("dataset")} out, or make it of the training images with ${optionName("valShare")} 0.2.`,
  );
}

/** One split of LVIS: annotated classes are present, `neg_category_ids` absent, all else unknown. */
export async function readLvisSplit(
  folder: string,
  split: string,
  { wording, progress, signal }: ReadContext,
): Promise<SplitFiles> {
  const lvis = await readLvis(await findLvisSplit(folder, split, wording), {
    onProgress: progress(`read ${split}`),
    ...(signal && { signal }),
  });
  const { contradictions, unknownImages, unknownCategories, unknownListed, repeatedImages } = lvis.counts;
  const { imagesWithoutLabels } = lvis.counts;
  return {
    labels: {
      truth: lvis.table,
      fileNames: lvis.fileNames,
      // LVIS takes COCO's images: its names are train2017/… and val2017/… in any split.
      roots: [folder, join(folder, "images"), join(folder, ".."), join(folder, "coco")],
      frequency: classFrequencyGroups(lvis),
    },
    anyShards: true,
    otherPaths: cocoFolders.map((other) => (name) => posix.join(other, posix.basename(name))),
    notes: [
      ...countNote(contradictions, "labels are both annotated and listed as absent: they count as present"),
      ...countNote(unknownImages, "annotations name an image that the file does not list"),
      ...countNote(unknownCategories, "annotations name a category that the file does not list"),
      ...countNote(
        unknownListed,
        "entries of neg_category_ids and not_exhaustive_category_ids name a category that the file does not list; left out",
      ),
      ...countNote(repeatedImages, "images are listed twice"),
      ...identityNotes(lvis.counts, lvis.examples),
      ...countNote(imagesWithoutLabels, "images have no label at all"),
      ...(lvis.note === undefined ? [] : [lvis.note]),
    ],
  };
}
