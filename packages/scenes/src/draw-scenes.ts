import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { JobQueue } from "@csl/internal/work/job-queue";
import sharp from "sharp";
import { addScene, type CocoInstances, emptyInstances } from "./coco-instances.js";
import { drawingSets } from "./drawings/drawing-sets.js";
import { fillFolder } from "./owned-folder.js";
import { panoramaNames } from "./painting/panorama.js";
import { createPainter } from "./painting/scene-painter.js";
import { describeSet, findDrawnSet, sceneFiles, sceneFolder, toSceneSet } from "./scene-manifest.js";
import { type CheckedChoices, checkChoices, type SceneChoices } from "./scene-options.js";
import { type ScenePart, type ScenePartName, sceneParts } from "./scene-parts.js";
import { fileName, imageId, type SceneSet, type SplitName, sceneSplits, splitNames } from "./scene-set.js";

export interface DrawScenesOptions extends SceneChoices {
  /** The folder of the set; new, empty, or a folder that `drawScenes` filled before. */
  folder: string;
  /** Called about 200 times, and at the end, with the number of images written and to be written. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops the drawing: the promise rejects with the signal's reason and the folder stays marked as unfinished. */
  signal?: AbortSignal | undefined;
}

/** Counts up when the same options give other images than before, so that sets on disk are drawn again. */
const recipe = 1;

/** Images being encoded or written while the next ones are drawn. */
const parallelJobs = 16;

/**
 * Draws an image set with full truth: photographs as backgrounds, drawings of COCO classes in front, as JPEG
 * files with COCO instances JSON. Scene i of a split depends on (seed, split, i) and the choices alone; the labels
 * are the same on every machine, the JPEG bytes as far as the encoder's version is.
 *
 * A folder that already holds this set is left as it is (`reused: true`); one that holds another set of ours, or
 * half of one, is drawn again: the files that `scenes.files` lists are removed, and all others stay. `scenes.json` is written
 * last: without it, or with `scenes.unfinished` next to it, the set is not complete.
 *
 * @throws CslError `invalid-argument` for an option out of range; `already-exists` for a folder that holds no set, and when
 * another file has the name of one to be drawn; `in-use` while another process draws into it; `cannot-write`.
 */
export async function drawScenes(options: DrawScenesOptions): Promise<SceneSet> {
  checkOptions("drawScenes", options, {
    folder: true,
    onProgress: true,
    signal: true,
    size: true,
    seed: true,
    train: true,
    val: true,
    ood: true,
    part: true,
    classes: true,
    quality: true,
    longTail: true,
    objectSize: true,
  });
  const { folder, onProgress, signal } = options;
  if (typeof folder !== "string" || folder === "")
    throw new CslError("invalid-argument", "drawScenes: expected folder to be a path, got none.");
  const choices = checkChoices(options);
  const found = await findDrawnSet(folder, choices, recipe);
  if (found) return found;

  const fill = async (): Promise<object> => {
    const report = progressReporter(choices, onProgress);
    const texts: [path: string, text: string][] = [];
    for (const split of splitNames) {
      const truth = emptyInstances(choices.classes, split, recipe);
      if (choices.counts[split] > 0)
        await drawSplit(join(folder, split), split, truth, choices, report, signal);
      texts.push([sceneSplits(folder, choices.counts)[split].instances, JSON.stringify(truth)]);
    }
    // After the images, so that a folder with instances files never lacks any of the images they list.
    for (const [path, text] of texts) await writeFileAtomically(path, text, "drawScenes");
    return describeSet(
      choices,
      recipe,
      texts.map(([, text]) => text),
    );
  };
  // Exports of the set before have other images.
  const derived = ["openimages", "lvis"].map((name) => ({ folder: join(folder, name), name }));
  await fillFolder(sceneFolder(folder), { files: sceneFiles(choices), derived, fill });
  return toSceneSet(folder, choices, { reused: false });
}

async function drawSplit(
  images: string,
  split: SplitName,
  truth: CocoInstances,
  choices: CheckedChoices,
  report: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { counts, seed, size, quality, classes } = choices;
  const painter = await createPainter(classes, { ...choices, ...shownIn(split, choices.part) });
  await mkdir(images, { recursive: true });
  const queue = new JobQueue(parallelJobs);
  try {
    for (let index = 0; index < counts[split]; index++) {
      signal?.throwIfAborted();
      const scene = painter(sceneRandom(seed, split, index));
      const id = imageId(split, index);
      addScene(truth, { ...scene, id, size }, classes);
      await queue.add(async () => {
        const raw = { width: size, height: size, channels: 3 as const };
        const jpeg = await sharp(scene.data, { raw })
          .jpeg({ quality, chromaSubsampling: "4:4:4" })
          .toBuffer();
        await writeFile(join(images, fileName(id)), jpeg);
        report();
      });
    }
  } finally {
    await queue.settle();
  }
  await queue.finish();
}

/** Styles and backgrounds of a split: those of the part, or for ood those that are held back from all parts. */
function shownIn(split: SplitName, part: ScenePartName): Omit<ScenePart, "classes"> {
  const { unseen, styles, backgrounds } = sceneParts[part];
  if (split !== "ood") return { unseen, styles, backgrounds };
  const heldBack = drawingSets.filter((set) => set.heldBack).map(({ name }) => name);
  return { unseen, styles: heldBack, backgrounds: panoramaNames.heldBack };
}

/** Reports about 200 times in all, and always at the end. */
function progressReporter(
  { counts }: CheckedChoices,
  onProgress: ((done: number, total: number) => void) | undefined,
): () => void {
  const total = counts.train + counts.val + counts.ood;
  const step = Math.max(1, Math.floor(total / 200));
  let done = 0;
  return () => {
    done++;
    if (done % step === 0 || done === total) onProgress?.(done, total);
  };
}

const splitSalt: Record<SplitName, number> = { train: 1, val: 2, ood: 3 };

/** The random numbers of one scene: a function of (seed, split, index) alone, so no scene depends on another. */
function sceneRandom(seed: number, split: SplitName, index: number): Random {
  return mulberry32(mix(mix(mix(seed) + splitSalt[split]) + index));
}

/** MurmurHash3's finaliser: a permutation of the 32-bit integers, so within a split no two scenes share a seed. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
