import type { Random } from "@csl/internal/random/mulberry32";
import type { SpriteDrawing, SpriteLibrary } from "../drawings/sprite-library.js";
import type { View } from "./paint-background.js";
import type { Placement } from "./paint-sprite.js";

/** Everything that chance decides about a scene, apart from its pixel noise. Objects in painting order. */
export interface ScenePlan {
  readonly background: number;
  readonly view: View;
  readonly objects: readonly PlannedObject[];
}

interface PlannedObject {
  readonly classIndex: number;
  readonly drawing: SpriteDrawing;
  readonly placement: Placement;
}

export interface SceneIngredients {
  readonly library: SpriteLibrary;
  /** Chance of each class of the library; sums to 1. */
  readonly weights: Float64Array;
  readonly numBackgrounds: number;
  readonly side: number;
  /** Smallest and largest object, as shares of the image's side. */
  readonly objectSize: readonly [number, number];
}

/** Positions tried for an object; the one that covers the least of the objects already placed is taken. */
const positionsTried = 4;

/** Draws a scene. Few objects are likelier than many (2 to 8 kinds); a quarter of the kinds appear twice. */
export function planScene(ingredients: SceneIngredients, random: Random): ScenePlan {
  const { library, weights, numBackgrounds } = ingredients;
  const uniform = (low: number, high: number): number => low + (high - low) * random();
  const background = Math.floor(random() * numBackgrounds);
  const view: View = {
    yaw: uniform(0, 2 * Math.PI),
    pitch: uniform(-0.25, 0.25),
    fieldOfView: uniform(0.7, 1.4),
    gain: uniform(0.7, 1.3),
  };
  const objects: PlannedObject[] = [];
  const kinds = 2 + Math.floor(random() * random() * 7);
  for (let kind = 0; kind < kinds; kind++) {
    const classIndex = pickWeighted(weights, random());
    const copies = random() < 0.25 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const drawing = pick(pick(library[classIndex]!, random), random); // a style first, so that styles weigh the same
      objects.push({ classIndex, drawing, placement: place(objects, ingredients, random) });
    }
  }
  return { background, view, objects };
}

function place(placed: readonly PlannedObject[], ingredients: SceneIngredients, random: Random): Placement {
  const { side, objectSize } = ingredients;
  const size = side * (objectSize[0] + (objectSize[1] - objectSize[0]) * random());
  const rotation = (2 * random() - 1) * 0.3;
  const flip = random() < 0.5;
  const gain = 0.65 + 0.5 * random();
  let best = { centreX: 0, centreY: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < positionsTried; attempt++) {
    // Up to 15 % of the object may lie outside the image on each side.
    const centreX = 0.35 * size + random() * (side - 0.7 * size);
    const centreY = 0.35 * size + random() * (side - 0.7 * size);
    const covered = placed.reduce(
      (sum, { placement }) => sum + overlap(placement, centreX, centreY, size),
      0,
    );
    if (covered < least) {
      least = covered;
      best = { centreX, centreY };
    }
  }
  return { ...best, size, rotation, flip, gain };
}

/** Share of an earlier object's square that a new one at (x, y) would cover. */
function overlap(other: Placement, x: number, y: number, size: number): number {
  const reach = (other.size + size) / 2;
  const smaller = Math.min(other.size, size);
  const width = Math.min(smaller, Math.max(0, reach - Math.abs(other.centreX - x)));
  const height = Math.min(smaller, Math.max(0, reach - Math.abs(other.centreY - y)));
  return (width * height) / (other.size * other.size);
}

/**
 * How often each class is drawn: the class of frequency rank r (0 = most frequent) gets 1 / (1 + r)^tail, scaled
 * to sum 1. The default tail 0.7 puts the first of 20 classes into about half of the images and the last into
 * about a tenth, as `person` and the rare classes of COCO.
 */
export function classWeights(count: number, { tail = 0.7 }: { tail?: number } = {}): Float64Array {
  const weights = Float64Array.from({ length: count }, (_, rank) => (1 + rank) ** -tail);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function pickWeighted(weights: Float64Array, u: number): number {
  let rest = u;
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return weights.length - 1; // rounding may leave the sum just below 1
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)]!;
}
