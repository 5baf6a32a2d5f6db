import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Best, readBest } from "@csl/checkpoints";
import { copyFileAtomically } from "@csl/internal/files/copy-file-atomically";
import { isSameFile } from "@csl/internal/files/earlier-files";
import type { Run } from "./run.js";

const name = "best.safetensors";

/**
 * After a resume: makes sure that the best weights so far are in the folder of this run, where its events say that they
 * are. They are copied from beside the checkpoint that is resumed. Where they are not there (only last.safetensors was
 * kept), the next validation begins the search anew.
 */
export async function keepBest(run: Run): Promise<void> {
  const { task, progress } = run;
  const { resume, checkpointFolder } = task;
  // The other ranks know of the best what rank 0 has told them.
  if ((task.collectives?.rank ?? 0) > 0) return;
  if (resume === undefined || checkpointFolder === undefined || progress.best === undefined) return;
  const target = join(checkpointFolder, name);
  const source = join(dirname(resume), name);
  if (await isSameFile(dirname(resume), checkpointFolder)) {
    if (await isThere(target)) return;
  } else if ((await isThere(source)) && (await isOf(source, progress.best)))
    return copyFileAtomically(source, target, "train");
  delete progress.best;
  delete progress.sinceBest;
}

/** Whether a file holds these very weights, and not later ones of the same run; older files do not say. */
async function isOf(path: string, best: Best): Promise<boolean> {
  const found = await readBest(path).catch(() => undefined);
  return found === undefined || (found.epoch === best.epoch && found.weights === best.weights);
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
