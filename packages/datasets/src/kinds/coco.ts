import { join } from "node:path";
import { readCocoInstances } from "@csl/coco-simulation";
import type { Wording } from "../dataset.js";
import { countNote, firstExisting, type ReadContext, type SplitFiles } from "./split-files.js";

/**
 * Finds a split under `folder` in the layouts people have: COCO 2014 (as the reference trains on), COCO 2017, and
 * names without a year.
 *
 *     annotations/instances_train2014.json  train2014/
 *     annotations/instances_train2017.json  train2017/
 *     annotations/instances_train.json      train/
 */
export async function findCocoSplit(
  folder: string,
  split: string,
  { speaker, optionName }: Wording,
): Promise<{ instances: string; images: string }> {
  const places = ["2014", "2017", ""].map((year) => ({
    instances: join(folder, "annotations", `instances_${split}${year}.json`),
    images: join(folder, `${split}${year}`),
  }));
  const instances = await firstExisting(
    places.map((place) => place.instances),
    `${speaker}: no "${split}" split of COCO in ${folder}.`,
    `Give a ${optionName("path")} that has it, or leave ${optionName("dataset")} out.`,
  );
  return places.find((place) => place.instances === instances)!;
}

/** One split of a COCO-like folder: 2014, 2017 or without a year. Every label is known. */
export async function readCocoSplit(
  folder: string,
  split: string,
  { cocoImages = "annotated", wording, progress, signal }: ReadContext,
): Promise<SplitFiles> {
  const { instances, images } = await findCocoSplit(folder, split, wording);
  const { table, fileNames, areas, counts } = await readCocoInstances(instances, {
    images: cocoImages,
    onProgress: progress(`read ${split}`),
    ...(signal && { signal }),
  });
  const { unknownImages, unknownCategories, repeatedImages } = counts;
  return {
    labels: { truth: table, fileNames, roots: [images, folder, join(folder, "images")], areas },
    notes: [
      ...countNote(unknownImages, "annotations name an image that the file does not list"),
      ...countNote(unknownCategories, "annotations name a category that the file does not list"),
      ...countNote(repeatedImages, "images are listed twice; the first is kept"),
    ],
  };
}
