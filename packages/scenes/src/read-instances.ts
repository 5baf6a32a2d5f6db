import { readFile } from "node:fs/promises";
import type { CocoInstances } from "./coco-instances.js";
import type { SceneSet, SplitName } from "./scene-set.js";

/** The full truth of one split, as `drawScenes` wrote it. */
export async function readInstances(
  set: SceneSet,
  split: SplitName,
  speaker: string,
): Promise<CocoInstances> {
  const path = set.splits[split].instances;
  try {
    return JSON.parse(await readFile(path, "utf8")) as CocoInstances;
  } catch (cause) {
    throw new Error(
      `${speaker}: expected the instances file of a drawn set, got ${(cause as Error).message} for ${path}. ` +
        "Draw the set first: drawScenes.",
      { cause },
    );
  }
}
