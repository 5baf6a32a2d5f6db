import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { drawingSets } from "./drawings/drawing-sets.js";
import { isFinished, type OwnedFolder } from "./owned-folder.js";
import type { CheckedChoices } from "./scene-options.js";
import { fileName, imageId, type SceneSet, sceneSplits, splitNames } from "./scene-set.js";

/** What scenes.json holds: enough to draw the set again and to tell whether it is all there. */
export interface SceneManifest {
  readonly generator: "@csl/scenes";
  readonly recipe: number;
  readonly options: object;
  /** Package → version of everything that the images are composed of. */
  readonly packages: Readonly<Record<string, string>>;
  /** SHA-256 of each instances file, in the order train, val, ood. */
  readonly instances: readonly string[];
}

export function sceneFolder(folder: string): OwnedFolder {
  return { folder, name: "scenes", speaker: "drawScenes" };
}

/** The files of a set, below its folder. */
export function sceneFiles({ counts }: Pick<CheckedChoices, "counts">): string[] {
  const images = splitNames.flatMap((split) =>
    Array.from({ length: counts[split] }, (_, index) => `${split}/${fileName(imageId(split, index))}`),
  );
  return [...images, ...splitNames.map((split) => `annotations/instances_${split}.json`)];
}

export function describeSet(
  choices: CheckedChoices,
  recipe: number,
  instances: readonly string[],
): SceneManifest {
  return {
    generator: "@csl/scenes",
    recipe,
    options: { ...choices, classes: choices.classes.map(({ name }) => name) },
    packages: {
      ...Object.fromEntries(drawingSets.map((set) => [set.package, set.version])),
      "@pmndrs/assets": "1.7.0",
    },
    instances: instances.map((text) => createHash("sha256").update(text).digest("hex")),
  };
}

export function toSceneSet(
  folder: string,
  choices: CheckedChoices,
  { reused }: { reused: boolean },
): SceneSet {
  const classes = [...choices.classes]
    .sort((a, b) => a.cocoId - b.cocoId)
    .map(({ cocoId, name }) => ({ id: String(cocoId), name }));
  return { folder, classes, splits: sceneSplits(folder, choices.counts), reused };
}

/** The set in `folder`, if it is complete and was drawn with these choices; otherwise undefined. */
export async function findDrawnSet(
  folder: string,
  choices: CheckedChoices,
  recipe: number,
): Promise<SceneSet | undefined> {
  if (!(await isFinished(sceneFolder(folder)))) return undefined;
  const set = toSceneSet(folder, choices, { reused: true });
  try {
    const manifest = await readFile(join(folder, "scenes.json"), "utf8");
    const texts = await Promise.all(splitNames.map((split) => readFile(set.splits[split].instances, "utf8")));
    if (manifest !== `${JSON.stringify(describeSet(choices, recipe, texts), null, 2)}\n`) return undefined;
    for (const split of splitNames) {
      const { count, images } = set.splits[split];
      const there = new Set(count > 0 ? await readdir(images) : []);
      for (let index = 0; index < count; index++)
        if (!there.has(fileName(imageId(split, index)))) return undefined;
    }
    return set;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // a part is missing: draw it again
    throw error;
  }
}
