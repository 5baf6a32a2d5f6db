import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileHash } from "./file-hash.js";
import { readThresholds, type ThresholdsFile, thresholdsName } from "./thresholds-file.js";

export interface ThresholdsBeside {
  path: string;
  file: ThresholdsFile;
  /** Whether they were chosen for this very checkpoint, and not for one that lay here before. */
  own: boolean;
}

/**
 * thresholds.json in a checkpoint's folder, if there is one of ours; other programs may have files of that name.
 *
 * @throws when it is one of ours and damaged, or no JSON.
 */
export async function thresholdsBeside(modelPath: string): Promise<ThresholdsBeside | undefined> {
  const path = join(dirname(modelPath), thresholdsName);
  const there = await access(path).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  const file = await readThresholds(path, { othersToo: true });
  return file && { path, file, own: await isFor(file, modelPath) };
}

export async function isFor({ checkpoint }: ThresholdsFile, modelPath: string): Promise<boolean> {
  return checkpoint?.sha256 === (await fileHash(modelPath));
}
