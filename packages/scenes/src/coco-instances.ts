import { readFile } from "node:fs/promises";
import { CslError } from "@csl/internal/errors/csl-error";
import { drawingSets } from "./drawings/drawing-sets.js";
import type { SceneClass } from "./drawings/scene-classes.js";
import type { VisibleObject } from "./painting/paint-scene.js";
import type { ScenePlan } from "./painting/plan-scene.js";
import { fileName, type SceneSet, type SplitName } from "./scene-set.js";

/** COCO's instances format, as far as it goes for scenes. `background` and `drawing` are ours: where it came from. */
export interface CocoInstances {
  info: { description: string; version: string; contributor: string; url: string; year: number };
  licenses: { id: number; name: string; url: string }[];
  images: CocoImage[];
  annotations: CocoAnnotation[];
  categories: { id: number; name: string; supercategory: string }[];
}

interface CocoImage {
  id: number;
  file_name: string;
  width: number;
  height: number;
  license: number;
  background: string;
}

export interface CocoAnnotation {
  id: number;
  image_id: number;
  category_id: number;
  bbox: [number, number, number, number];
  /** Visible pixels, as the mask's area in COCO. */
  area: number;
  iscrowd: 0;
  /** The box as a polygon: scenes have no finer outline. */
  segmentation: number[][];
  drawing: string;
}

/** An instances file without images yet; categories in COCO order. */
export function emptyInstances(classes: readonly SceneClass[], split: string, recipe: number): CocoInstances {
  const authors = [...new Set(drawingSets.map(({ author, licence }) => `${author} (${licence})`))].join(", ");
  return {
    info: {
      description: `Scenes drawn by @csl/scenes, ${split} split`,
      version: String(recipe),
      contributor: `Drawings: ${authors}. Panoramas: @pmndrs/assets (CC0-1.0)`,
      url: "",
      year: 2026,
    },
    licenses: [{ id: 1, name: "Composed of the works credited in the NOTICE of @csl/scenes", url: "" }],
    images: [],
    annotations: [],
    categories: [...classes]
      .sort((a, b) => a.cocoId - b.cocoId)
      .map(({ cocoId, name, supercategory }) => ({ id: cocoId, name, supercategory })),
  };
}

/**
 * Enters one painted scene. A drawing that shows further classes (a surfer: surfboard and person) gives one
 * annotation for each, with the same box and area. Annotation ids are image id × 100 + position, so they do not
 * depend on other scenes.
 */
export function addScene(
  instances: CocoInstances,
  scene: { id: number; size: number; background: string; plan: ScenePlan; objects: readonly VisibleObject[] },
  classes: readonly SceneClass[],
): void {
  const { id, size, background, plan, objects } = scene;
  instances.images.push({ id, file_name: fileName(id), width: size, height: size, license: 1, background });
  let position = 0;
  for (const { object, bbox, area } of objects) {
    const { classIndex, drawing } = plan.objects[object]!;
    const [x, y, w, h] = bbox;
    for (const shown of [classIndex, ...drawing.alsoShows]) {
      instances.annotations.push({
        id: id * 100 + position++,
        image_id: id,
        category_id: classes[shown]!.cocoId,
        bbox: [x, y, w, h],
        area,
        iscrowd: 0,
        segmentation: [[x, y, x + w, y, x + w, y + h, x, y + h]],
        drawing: `${drawing.set}/${drawing.icon}`,
      });
    }
  }
}

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
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new CslError(
      isAbsent ? "not-found" : "invalid-file",
      `${speaker}: expected the instances file of a drawn set, got ${(cause as Error).message} for ${path}. ` +
        "Draw the set first: drawScenes.",
      { cause },
    );
  }
}
