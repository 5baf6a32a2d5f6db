import { isFor, type ThresholdsBeside, thresholdsBeside } from "./thresholds-beside.js";
import { readThresholds } from "./thresholds-file.js";

/** One threshold for all, perhaps with a file that is not for this checkpoint; or a file, named or found. */
export type ThresholdSource =
  | { threshold: number; leftAside?: ThresholdsBeside }
  | (ThresholdsBeside & { named: boolean });

const DEFAULT = 0.97; // of the reference's infer.py

/**
 * What `csl infer` decides by: `--th`, the file of `--thresholds`, or thresholds.json beside the checkpoint if it was
 * chosen for this very checkpoint; else 0.97. Before an engine starts.
 *
 * @throws when both flags are given, `--th` is no probability, or a file is no thresholds file.
 */
export async function thresholdSource({
  th,
  thresholds,
  modelPath,
}: {
  th?: number;
  thresholds?: string;
  modelPath: string;
}): Promise<ThresholdSource> {
  if (th !== undefined && thresholds !== undefined)
    throw new Error("csl infer: expected --th or --thresholds, got both. Leave one out.");
  if (th !== undefined && !(th >= 0 && th <= 1))
    throw new Error(`csl infer: expected --th to be a probability from 0 to 1, got ${th}.`);
  if (th !== undefined) return { threshold: th };
  if (thresholds !== undefined) {
    const file = await readThresholds(thresholds);
    return { path: thresholds, file, own: await isFor(file, modelPath), named: true };
  }
  const found = await thresholdsBeside(modelPath);
  if (found?.own) return { ...found, named: false };
  return { threshold: DEFAULT, ...(found && { leftAside: found }) };
}
