import type { Random } from "@csl/internal/random/mulberry32";
import type { SceneClass } from "../drawings/scene-classes.js";
import { spriteLibrary } from "../drawings/sprite-library.js";
import { type PaintedScene, paintScene } from "./paint-scene.js";
import { type Panorama, panorama, panoramaNames } from "./panorama.js";
import { classWeights, planScene, type ScenePlan } from "./plan-scene.js";

/** Draws scenes one at a time, in memory. Everything random comes from the argument. */
export type ScenePainter = (random: Random) => PaintedScene & { plan: ScenePlan; background: string };

/** Loads the drawings and backgrounds that train and val use, or (`heldBack`) those that only ood uses. */
export async function createPainter(
  classes: readonly SceneClass[],
  options: { heldBack: boolean; size: number; longTail: number; objectSize: readonly [number, number] },
): Promise<ScenePainter> {
  const { heldBack, size, longTail, objectSize } = options;
  // Rasterising runs in sharp's threads while this thread decodes panoramas.
  const resolution = Math.min(256, Math.max(64, Math.ceil(size * 0.75)));
  const drawings = spriteLibrary(classes, { heldBack, resolution });
  const names = panoramaNames[heldBack ? "heldBack" : "training"];
  const [library, ...backgrounds] = await Promise.all([drawings, ...names.map(panorama)] as const);
  const ingredients = {
    library,
    weights: classWeights(classes.length, { tail: longTail }),
    numBackgrounds: backgrounds.length,
    side: size,
    objectSize,
  };
  return (random) => {
    const plan = planScene(ingredients, random);
    const background: Panorama = backgrounds[plan.background]!;
    return { ...paintScene(plan, background, size, random), plan, background: background.name };
  };
}
