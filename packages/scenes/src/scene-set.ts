import { join } from "node:path";

/** `train` and `val` share styles and backgrounds; `ood` (out of distribution) has its own. */
export type SplitName = "train" | "val" | "ood";
export const splitNames: readonly SplitName[] = ["train", "val", "ood"];

/** A drawn image set on disk, laid out as COCO is. */
export interface SceneSet {
  readonly folder: string;
  /** In COCO order; `id` is the COCO category id as text. */
  readonly classes: readonly { readonly id: string; readonly name: string }[];
  readonly splits: Readonly<Record<SplitName, SceneSplit>>;
  /** True when the folder already held exactly this set and nothing was drawn. */
  readonly reused: boolean;
}

export interface SceneSplit {
  /** Folder of the JPEG files. */
  readonly images: string;
  /** The COCO instances JSON. */
  readonly instances: string;
  readonly count: number;
}

/** Where the parts of a set lie: `folder/train/000001.jpg`, `folder/annotations/instances_train.json`, … */
export function sceneSplits(
  folder: string,
  counts: Readonly<Record<SplitName, number>>,
): Record<SplitName, SceneSplit> {
  const split = (name: SplitName): SceneSplit => ({
    images: join(folder, name),
    instances: join(folder, "annotations", `instances_${name}.json`),
    count: counts[name],
  });
  return { train: split("train"), val: split("val"), ood: split("ood") };
}

/** First image id of each split: ids are unique over the whole set, as COCO's are. */
const firstImageId: Record<SplitName, number> = { train: 1, val: 600_001, ood: 800_001 };

/** Images that a split can hold before its ids would run into the next split's. */
export const maxCount: Record<SplitName, number> = { train: 600_000, val: 200_000, ood: 199_999 };

/** COCO image id of scene `index` of a split. */
export function imageId(split: SplitName, index: number): number {
  return firstImageId[split] + index;
}

/** Six digits, from the image id. */
export function fileName(id: number): string {
  return `${String(id).padStart(6, "0")}.jpg`;
}
