import { access } from "node:fs/promises";
import { join } from "node:path";

/** Where one split of a COCO-like folder has its annotations and its images. */
export interface SplitFiles {
  instances: string;
  images: string;
}

/**
 * Finds a split under `folder` in the layouts people have: COCO 2014 (as the reference trains on), COCO 2017, and
 * plain names as `csl scenes` writes them.
 *
 *     annotations/instances_train2014.json  train2014/
 *     annotations/instances_train2017.json  train2017/
 *     annotations/instances_train.json      train/
 */
export async function findSplit(folder: string, split: string): Promise<SplitFiles> {
  const tried: string[] = [];
  for (const suffix of ["2014", "2017", ""]) {
    const instances = join(folder, "annotations", `instances_${split}${suffix}.json`);
    if (await exists(instances)) return { instances, images: join(folder, `${split}${suffix}`) };
    tried.push(instances);
  }
  throw new Error(
    `csl: no "${split}" split of COCO in ${folder}. Looked for ${tried.join(", ")}. ` +
      "Give --data a folder that has it, or leave --dataset out; csl scenes FOLDER draws one.",
  );
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
