import type { Random } from "@csl/internal/random/mulberry32";
import type { SceneClass } from "../drawings/scene-classes.js";
import { spriteLibrary } from "../drawings/sprite-library.js";
import { type PaintedScene, paintScene } from "./paint-scene.js";
import { type Panorama, panorama } from "./panorama.js";
import { classWeights, planScene, type ScenePlan } from "./plan-scene.js";

/** Draws scenes one at a time, in memory. Everything random comes from the argument. */
export type ScenePainter = (random: Random) => PaintedScene & { plan: ScenePlan; background: string };

/** Loads the drawings of `classes` in these styles, and these backgrounds. */
export async function createPainter(
  classes: readonly SceneClass[],
  options: {
    styles: readonly string[];
    unseen: readonly string[];
    backgrounds: readonly string[];
    size: number;
    longTail: number;
    objectSize: readonly [number, number];
  },
): Promise<ScenePainter> {
  const { styles, unseen, size, longTail, objectSize } = options;
  // Rasterising runs in sharp's threads while this thread decodes panoramas.
  const resolution = Math.min(256, Math.max(64, Math.ceil(size * 0.75)));
  const drawings = spriteLibrary(classes, { styles, unseen, resolution });
  const [library, ...backgrounds] = await Promise.all([
    drawings,
    ...options.backgrounds.map(panorama),
  ] as const);
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
