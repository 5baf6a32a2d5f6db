import { CslError } from "@csl/internal/errors/csl-error";
import type { SceneClass } from "./drawings/scene-classes.js";
import { type ScenePart, type ScenePartName, sceneParts } from "./scene-parts.js";
import { maxCount, type SplitName, splitNames } from "./scene-set.js";

/** What decides the content of a set; stored in scenes.json and compared on the next call. */
export interface SceneChoices {
  /** Side of the square images in pixels; 32 to 1024. Default 64. */
  size?: number;
  /** Default 1. */
  seed?: number;
  /** Images of each split; 0 for none. Default 4000, 1000 and 500. */
  train?: number;
  val?: number;
  ood?: number;
  /**
   * `pretraining` and `fine-tuning` share no class, style or background: one trains a body on the first that has seen
   * nothing of the second. Default `all`.
   */
  part?: ScenePartName;
  /** The n most frequent classes of the part, or names with the most frequent first. Default: all of the part. */
  classes?: number | readonly string[];
  /** JPEG quality, 1 to 100 (always without chroma subsampling). Default 90. */
  quality?: number;
  /** Exponent of the long tail of class frequencies; 0 draws all classes alike. Default 0.7. */
  longTail?: number;
  /** Smallest and largest object as shares of `size`. Default: see `defaultObjectSize`. */
  objectSize?: readonly [number, number];
}

export interface CheckedChoices {
  readonly size: number;
  readonly seed: number;
  readonly counts: Readonly<Record<SplitName, number>>;
  readonly part: ScenePartName;
  /** Most frequent first. */
  readonly classes: readonly SceneClass[];
  readonly quality: number;
  readonly longTail: number;
  readonly objectSize: readonly [number, number];
}

/**
 * Objects fill 12 % to 50 % of the side of a large image. A drawing below 16 pixels cannot be recognised, so the
 * lower bound is higher in smaller images: 14 % at 112 pixels, 25 % from 64 pixels down.
 */
export function defaultObjectSize(size: number): [number, number] {
  return [Math.min(0.25, Math.max(0.12, 16 / size)), 0.5];
}

/** Fills in the defaults. @throws an error that names the option, what was expected and what came. */
export function checkChoices({
  size = 64,
  seed = 1,
  train = 4000,
  val = 1000,
  ood = 500,
  part = "all",
  classes = sceneParts[part]?.classes.length,
  quality = 90,
  longTail = 0.7,
  objectSize = defaultObjectSize(size),
}: SceneChoices): CheckedChoices {
  integer("size", size, 32, 1024);
  integer("seed", seed, 0, 2 ** 32 - 1);
  const counts = { train, val, ood };
  for (const split of splitNames) integer(split, counts[split], 0, maxCount[split]);
  if (!Object.hasOwn(sceneParts, part)) {
    fail(
      "part",
      Object.keys(sceneParts)
        .map((name) => JSON.stringify(name))
        .join(" or "),
      part,
    );
  }
  integer("quality", quality, 1, 100);
  if (!(longTail >= 0 && longTail <= 5)) fail("longTail", "a number from 0 to 5", longTail);
  const [smallest, largest] = objectSize;
  if (!(smallest > 0 && smallest <= largest && largest <= 1)) {
    fail("objectSize", "[smallest, largest] with 0 < smallest <= largest <= 1", objectSize);
  }
  return {
    size,
    seed,
    counts,
    part,
    classes: chooseClasses(classes, sceneParts[part]),
    quality,
    longTail,
    objectSize: [smallest, largest],
  };
}

function chooseClasses(classes: number | readonly string[], part: ScenePart): readonly SceneClass[] {
  if (typeof classes === "number") {
    integer("classes", classes, 1, part.classes.length);
    return part.classes.slice(0, classes);
  }
  const known = part.classes.map(({ name }) => name).join(", ");
  if (!Array.isArray(classes) || classes.length === 0) {
    fail("classes", `a number or a list of names of: ${known}`, classes);
  }
  return classes.map((name, i) => {
    const found = part.classes.find((c) => c.name === name);
    if (!found) return fail("classes", `names of: ${known}`, name);
    if (classes.indexOf(name) !== i) return fail("classes", "every name once", name);
    return found;
  });
}

function integer(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    fail(name, `a whole number from ${low} to ${high}`, value);
  }
}

function fail(option: string, expected: string, got: unknown): never {
  throw new CslError(
    "invalid-argument",
    `drawScenes: expected ${option} to be ${expected}; got ${JSON.stringify(got) ?? String(got)}.`,
  );
}
