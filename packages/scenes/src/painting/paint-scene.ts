import type { Random } from "@csl/internal/random/mulberry32";
import { paintBackground } from "./paint-background.js";
import { paintSprite } from "./paint-sprite.js";
import type { Panorama } from "./panorama.js";
import type { ScenePlan } from "./plan-scene.js";

/** What is visible of one object of a scene. `bbox` is [x, y, width, height] of the visible pixels. */
export interface VisibleObject {
  /** Position of the object in the plan. */
  readonly object: number;
  readonly bbox: readonly [number, number, number, number];
  /** Visible pixels. */
  readonly area: number;
}

export interface PaintedScene {
  /** RGB bytes, side × side. */
  readonly data: Uint8Array;
  readonly objects: readonly VisibleObject[];
}

/** An object counts when at least this share of it is visible … */
const minVisibleShare = 0.35;
/** … and it fills at least this share of the image. */
const minImageShare = 0.0025;

/**
 * Paints a plan: background, objects from back to front, a little noise (triangular, ±7 levels) drawn from `random`.
 * An object that others nearly hide is painted but not reported.
 */
export function paintScene(
  plan: ScenePlan,
  background: Panorama,
  side: number,
  random: Random,
): PaintedScene {
  const pixels = new Float32Array(side * side * 3);
  const owners = new Uint8Array(side * side).fill(noObject);
  paintBackground(pixels, side, background, plan.view);
  const painted = plan.objects.map(({ drawing, placement }, i) =>
    paintSprite(pixels, owners, side, drawing.sprite, placement, i),
  );
  const data = new Uint8Array(pixels.length);
  for (let i = 0; i < data.length; i++) {
    // The two halves of one 32-bit draw: the sum of two uniforms is triangular.
    const bits = (random() * 2 ** 32) >>> 0;
    const level = pixels[i]! + ((bits & 0xffff) + (bits >>> 16)) * noiseScale - 7;
    data[i] = level < 0 ? 0 : level > 255 ? 255 : level + 0.5;
  }
  const objects = visibleObjects(owners, side, plan.objects.length).filter(
    ({ object, area }) => area >= minVisibleShare * painted[object]! && area >= minImageShare * side * side,
  );
  return { data, objects };
}

const noObject = 255;
const noiseScale = 7 / 2 ** 16;

function visibleObjects(owners: Uint8Array, side: number, count: number): VisibleObject[] {
  const area = new Uint32Array(count);
  const left = new Uint32Array(count).fill(side);
  const top = new Uint32Array(count).fill(side);
  const right = new Uint32Array(count);
  const bottom = new Uint32Array(count);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const object = owners[y * side + x]!;
      if (object === noObject) continue;
      area[object]!++;
      left[object] = Math.min(left[object]!, x);
      top[object] = Math.min(top[object]!, y);
      right[object] = Math.max(right[object]!, x + 1);
      bottom[object] = Math.max(bottom[object]!, y + 1);
    }
  }
  return Array.from(area, (pixels, object) => {
    const x = left[object]!;
    const y = top[object]!;
    return { object, bbox: [x, y, right[object]! - x, bottom[object]! - y] as const, area: pixels };
  }).filter(({ area: pixels }) => pixels > 0);
}
