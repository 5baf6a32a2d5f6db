import { join } from "node:path";
import { readCocoInstances } from "@csl/coco-simulation";
import type { SplitFiles } from "./dataset.js";
import { findSplit } from "./find-split.js";
import type { ReadOptions } from "./read-options.js";

/** One split of a COCO-like folder: 2014, 2017 or without a year. Every label is known. */
export async function readCocoSplit(
  folder: string,
  split: string,
  options: ReadOptions,
): Promise<SplitFiles> {
  const { instances, images } = await findSplit(folder, split);
  const { table, fileNames, areas, counts } = await readCocoInstances(instances, {
    images: options.cocoImages ?? "annotated",
    onProgress: options.progress(`read ${split}`),
    ...(options.signal && { signal: options.signal }),
  });
  const { unknownImages, unknownCategories, repeatedImages } = counts;
  const notes = [
    ...counted(unknownImages, "annotations name an image that the file does not list"),
    ...counted(unknownCategories, "annotations name a category that the file does not list"),
    ...counted(repeatedImages, "images are listed twice; the first is kept"),
  ];
  return { truth: table, fileNames, roots: [images, folder, join(folder, "images")], areas, notes };
}

export function counted(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}
