import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "./parts/part.js";
import { csl } from "./parts/train-command.js";

/** A COCO file, as far as it is used here. */
interface Instances {
  images: { id: number; file_name: string }[];
  annotations: { id: number; image_id: number }[];
}

export interface DataSets {
  /** Scenes of 64 pixels, for a training whose mAP is looked at. */
  small: string;
  /** Scenes of 224 pixels, each several times, for one whose waiting is. */
  large: string;
}

/** Draws the scenes of both trainings into a folder, or takes those that lie there. */
export async function drawDataSets(
  folder: string,
  { scenes, waiting }: Settings,
  signal: AbortSignal,
): Promise<DataSets> {
  const sets = { small: join(folder, "small"), large: join(folder, "large") };
  const common = ["--classes", 20, "--ood", 4];
  if (!existsSync(sets.small))
    await csl(
      ["scenes", sets.small, "--size", 64, "--train", scenes.train, "--val", scenes.val, ...common],
      signal,
    );
  if (!existsSync(sets.large))
    await csl(
      ["scenes", sets.large, "--size", 224, "--train", waiting.images, "--val", 16, ...common],
      signal,
    );
  return sets;
}

/**
 * Makes a data set with every training image `copies` times: an epoch that is long enough to time, of few images to carry.
 *
 * @returns its folder
 */
export async function repeatImages(from: string, to: string, copies: number): Promise<string> {
  await mkdir(join(to, "annotations"), { recursive: true });
  await copySplit(from, to, "val", 1);
  await copySplit(from, to, "train", copies);
  return to;
}

async function copySplit(from: string, to: string, split: string, copies: number): Promise<void> {
  const path = `annotations/instances_${split}.json`;
  const set = JSON.parse(await readFile(join(from, path), "utf8")) as Instances;
  await mkdir(join(to, split), { recursive: true });
  const many: Instances = { ...set, images: [], annotations: [] };
  const step = 1 + Math.max(...set.images.map(({ id }) => id), ...set.annotations.map(({ id }) => id));
  for (let copy = 0; copy < copies; copy++) {
    const shift = copy * step;
    for (const image of set.images) {
      const name = `${copy}-${image.file_name}`;
      await copyFile(join(from, split, image.file_name), join(to, split, name));
      many.images.push({ ...image, id: image.id + shift, file_name: name });
    }
    for (const one of set.annotations)
      many.annotations.push({ ...one, id: one.id + shift, image_id: one.image_id + shift });
  }
  await writeFile(join(to, path), JSON.stringify(many));
}
