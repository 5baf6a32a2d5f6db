import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import sharp from "sharp";
import { addScene, type CocoInstances, emptyInstances } from "./coco-instances.js";
import { limitedPool } from "./limited-pool.js";
import { beginFolder, finishFolder, writing } from "./owned-folder.js";
import { describeSet, findDrawnSet, sceneFolder, toSceneSet } from "./scene-manifest.js";
import { type CheckedChoices, checkChoices, type SceneChoices } from "./scene-options.js";
import { type ScenePainter, scenePainter } from "./scene-painter.js";
import { sceneRandom } from "./scene-random.js";
import { fileName, imageId, type SceneSet, type SplitName, sceneSplits, splitNames } from "./scene-set.js";

export interface DrawScenesOptions extends SceneChoices {
  /** Where the set goes; new, empty, or a folder that `drawScenes` filled before. */
  folder: string;
  /** Called now and then, and at the end, with the number of images written and to be written. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Stops the drawing: the promise rejects with the signal's reason and the folder stays marked as unfinished. */
  signal?: AbortSignal | undefined;
}

/** Counts up when the same options give other images than before, so that sets on disk are drawn anew. */
const recipe = 1;

/** Images being encoded or written while the next ones are drawn. */
const inFlight = 16;

/**
 * Draws an image set with full truth: photographs as backgrounds, drawings of COCO classes in front, as JPEG
 * files with COCO instances JSON. Scene i of a split depends on (seed, split, i) and the choices alone; the labels
 * are the same on every machine, the JPEG bytes as far as the encoder's version is.
 *
 * A folder that already holds this set is left as it is (`reused: true`); one that holds another set of ours, or
 * half of one, is drawn anew. `scenes.json` is written last: without it, or with `scenes.unfinished` beside it,
 * the set is not complete.
 *
 * @throws on an option out of range, a folder with other files in it, or one that cannot be written.
 */
export async function drawScenes({
  folder,
  onProgress,
  signal,
  ...options
}: DrawScenesOptions): Promise<SceneSet> {
  if (typeof folder !== "string" || folder === "")
    throw new Error("drawScenes: expected folder to be a path, got none.");
  const choices = checkChoices(options);
  const found = await findDrawnSet(folder, choices, recipe);
  if (found) return found;

  await beginFolder(sceneFolder(folder));
  const report = progressReporter(choices, onProgress);
  const truths: Partial<Record<SplitName, CocoInstances>> = {};
  for (const split of splitNames) {
    const truth = emptyInstances(choices.classes, split, recipe);
    truths[split] = truth;
    if (choices.counts[split] === 0) continue;
    const painter = await scenePainter(choices.classes, { ...choices, heldBack: split === "ood" });
    await writing(folder, "drawScenes", () =>
      drawSplit(join(folder, split), split, truth, painter, choices, report, signal),
    );
  }
  // After the images, so that a folder with instances files never lacks any of the images they list.
  const splits = sceneSplits(folder, choices.counts);
  const texts = splitNames.map((split) => [splits[split].instances, JSON.stringify(truths[split])] as const);
  for (const [path, text] of texts) await writeFileAtomically(path, text, "drawScenes");
  await finishFolder(
    sceneFolder(folder),
    describeSet(
      choices,
      recipe,
      texts.map(([, text]) => text),
    ),
  );
  return toSceneSet(folder, choices, { reused: false });
}

async function drawSplit(
  images: string,
  split: SplitName,
  truth: CocoInstances,
  painter: ScenePainter,
  { counts, seed, size, quality, classes }: CheckedChoices,
  report: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(images, { recursive: true });
  const pool = limitedPool(inFlight);
  for (let index = 0; index < counts[split]; index++) {
    signal?.throwIfAborted();
    const scene = painter(sceneRandom(seed, split, index));
    const id = imageId(split, index);
    addScene(truth, { ...scene, id, size }, classes);
    await pool.add(async () => {
      const raw = { width: size, height: size, channels: 3 as const };
      const jpeg = await sharp(scene.data, { raw }).jpeg({ quality, chromaSubsampling: "4:4:4" }).toBuffer();
      await writeFile(join(images, fileName(id)), jpeg);
      report();
    });
  }
  await pool.finish();
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
