import { join } from "node:path";
import { frequencyOfClasses, readLvis } from "@csl/lvis-loader";
import { counted } from "./coco-dataset.js";
import type { SplitFiles } from "./dataset.js";
import { firstExisting } from "./first-existing.js";
import type { ReadOptions } from "./read-options.js";

/** Where an LVIS annotation file of a split may lie, `{split}` aside. v1 goes before v0.5. */
const lvisNames = ["lvis_v1_{split}.json", "lvis_v0.5_{split}.json"].flatMap((name) =>
  ["annotations", "", "lvis"].flatMap((folder) => [join(folder, name), join(folder, `${name}.gz`)]),
);

/** The annotation file of a split. @throws naming where it was looked for. */
export function findLvisSplit(folder: string, split: string): Promise<string> {
  return firstExisting(
    lvisNames.map((name) => join(folder, name.replace("{split}", split))),
    `csl: no LVIS annotations of "${split}" in ${folder}.`,
    "Give --data the folder that holds them, or leave --dataset out.",
  );
}

/** One split of LVIS: annotated classes are present, `neg_category_ids` absent, all else unknown. */
export async function readLvisSplit(
  folder: string,
  split: string,
  options: ReadOptions,
): Promise<SplitFiles> {
  const lvis = await readLvis(await findLvisSplit(folder, split), {
    onProgress: options.progress(`read ${split}`),
    ...(options.signal && { signal: options.signal }),
  });
  const { contradictions, unknownImages, unknownCategories, repeatedImages, imagesWithoutLabels } =
    lvis.counts;
  return {
    truth: lvis.table,
    fileNames: lvis.fileNames,
    // LVIS takes COCO's images: its names are train2017/… and val2017/… in any split.
    roots: [folder, join(folder, "images"), join(folder, ".."), join(folder, "coco")],
    frequency: frequencyOfClasses(lvis),
    notes: [
      ...counted(contradictions, "labels are both annotated and listed as absent: taken as present"),
      ...counted(unknownImages, "annotations name an image that the file does not list"),
      ...counted(unknownCategories, "annotations name a category that the file does not list"),
      ...counted(repeatedImages, "images are listed twice; the first is kept"),
      ...counted(imagesWithoutLabels, "images have no label at all"),
      ...(lvis.note === undefined ? [] : [lvis.note]),
    ],
  };
}
