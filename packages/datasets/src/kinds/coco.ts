import { dirname, join } from "node:path";
import { type CocoInstances, readCocoInstances } from "@csl/coco-simulation";
import { ClassList, classStatistics, type LabelTable, selectClasses } from "@csl/labels";
import type { Wording } from "../dataset.js";
import { type CocoPlace, cocoPlaces } from "./coco-places.js";
import { identityNotes } from "./identity-notes.js";
import { countNote, exists, firstExisting, type ReadContext, type SplitFiles } from "./split-files.js";

/** Finds the annotations of a split under `folder`, see `cocoPlaces`. @throws CslError `not-found`, with what was tried. */
export async function findCocoSplit(
  folder: string,
  split: string,
  { speaker, optionName }: Wording,
): Promise<CocoPlace> {
  const places = cocoPlaces(folder, split);
  const instances = await firstExisting(
    places.map((place) => place.instances),
    `${speaker}: no "${split}" split of COCO in ${folder}.`,
    `Give a ${optionName("path")} that has it, leave ${optionName("dataset")} out, or make it of the training images with ${optionName("valShare")} 0.2.`,
  );
  const found = places.filter((place) => place.instances === instances);
  for (const place of found) if (await exists(place.images)) return place;
  return found[0]!;
}

/** One split of a COCO-like folder. Every label is known. */
export async function readCocoSplit(
  folder: string,
  split: string,
  { classes, cocoImages = "annotated", wording, progress, signal }: ReadContext,
): Promise<SplitFiles> {
  const { instances, images } = await findCocoSplit(folder, split, wording);
  const read = await readCocoInstances(instances, {
    images: cocoImages,
    onProgress: progress(`read ${split}`),
    ...(signal && { signal }),
  });
  const { fileNames, areas, counts } = read;
  const { table, left } = withoutRoots(read, classes);
  const { unknownImages, unknownCategories, repeatedImages } = counts;
  return {
    labels: {
      truth: table,
      fileNames,
      roots: [...new Set([images, dirname(instances), folder, join(folder, "images")])],
      areas,
    },
    notes: [
      ...countNote(unknownImages, "annotations name an image that the file does not list"),
      ...countNote(unknownCategories, "annotations name a category that the file does not list"),
      ...countNote(repeatedImages, "images are listed twice"),
      ...imageNotes(counts, read.examples, { cocoImages, wording }),
      ...(left.length > 0
        ? [`left out ${left.join(", ")}: not a class, but what all classes have as their supercategory`]
        : []),
    ],
  };
}

/** Without categories that are the name of the whole (Roboflow's first one) and have no annotation; their names. */
function withoutRoots(
  { table, rootCategories }: CocoInstances,
  wanted: ClassList | undefined,
): { table: LabelTable; left: string[] } {
  const { positives } = classStatistics(table);
  const left = rootCategories.filter((id) => positives[table.classes.indexOf(id)] === 0 && !wanted?.has(id));
  if (left.length === 0) return { table, left };
  const classes = ClassList.from(table.classes.toJSON().filter(({ id }) => !left.includes(id)));
  return {
    table: selectClasses(table, classes),
    left: left.map((id) => JSON.stringify(table.classes.names[table.classes.indexOf(id)])),
  };
}

/** What became of images that are no samples of their own. */
function imageNotes(
  counts: CocoInstances["counts"],
  examples: CocoInstances["examples"],
  { cocoImages, wording: { optionName } }: Pick<ReadContext, "cocoImages" | "wording">,
): string[] {
  return [
    ...identityNotes(counts, examples),
    ...(cocoImages === "all"
      ? []
      : countNote(
          counts.imagesWithoutAnnotations,
          `images without an annotation are left out; ${optionName("cocoImages")} all keeps them, as images without any class`,
        )),
  ];
}
