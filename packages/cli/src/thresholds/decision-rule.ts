import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassList } from "@csl/labels";
import type { Terminal } from "../terminal/terminal.js";
import {
  areChosenFor,
  type FoundThresholds,
  findThresholds,
  listedClasses,
  readThresholds,
  thresholdVector,
} from "./thresholds-file.js";

const DEFAULT_THRESHOLD = 0.97; // of the reference's infer.py

/** One threshold for all, perhaps with a file that is for another checkpoint; or a file, named or found. */
export type ThresholdSource =
  | { threshold: number; unused?: FoundThresholds }
  | (FoundThresholds & { named: boolean });

/**
 * What `csl infer` decides by: `--th`, the file of `--thresholds`, or thresholds.json next to the checkpoint if it was
 * chosen for this very checkpoint; else 0.97. Called before an engine starts.
 *
 * @throws CslError when both flags are given, or a file holds no thresholds.
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
    throw new CslError(
      "invalid-argument",
      "csl infer: expected --th or --thresholds, got both. Leave one out.",
    );
  if (th !== undefined) return { threshold: th };
  if (thresholds !== undefined) {
    const file = await readThresholds(thresholds);
    return { path: thresholds, file, own: await areChosenFor(file, modelPath), named: true };
  }
  const found = await findThresholds(modelPath);
  if (found?.own) return { ...found, named: false };
  return { threshold: DEFAULT_THRESHOLD, ...(found && { unused: found }) };
}

/**
 * The classes that a model's file names, or else those of thresholds that were chosen for this very file; undefined
 * when neither names them.
 *
 * @throws CslError `mismatch` when thresholds are given that were chosen for another file.
 */
export function classesByThresholds(
  path: string,
  { classes, numClasses }: { classes: ClassList | undefined; numClasses: number },
  thresholds: ThresholdSource,
): ClassList | undefined {
  if (classes || !("file" in thresholds)) return classes;
  const found = thresholds.own ? listedClasses(thresholds.file, numClasses) : undefined;
  if (found) return found;
  throw new CslError(
    "mismatch",
    `csl infer: expected thresholds that were chosen for ${path}, which does not name its classes, got ${thresholds.path}, which were not. ` +
      "Choose them with csl evaluate --thresholds, or use a single one with --th.",
  );
}

/** When a class is a tag: its logit is above the class's threshold. */
export interface DecisionRule {
  /** [classes] logits. */
  thresholds: Float32Array;
  /** For calibrated probabilities; undefined without a thresholds file. */
  temperature?: number;
  /** Where it comes from, as `tags.json` has it. */
  source: { threshold: number } | { thresholds: string };
}

/** The rule for a model's classes. Says what it uses. @throws CslError when a file is not one for these classes. */
export function decisionRule(source: ThresholdSource, classes: ClassList, terminal: Terminal): DecisionRule {
  if ("threshold" in source) {
    const { threshold, unused } = source;
    if (unused)
      terminal.info(
        `thresholds: ${unused.path} were chosen for another checkpoint (${unused.file.checkpoint?.file}) and are not used; name the file with --thresholds to use them.`,
      );
    const logit = Math.log(threshold / (1 - threshold));
    return { thresholds: new Float32Array(classes.size).fill(logit), source: { threshold } };
  }
  const { path, file, own, named } = source;
  const { logits, missing } = thresholdVector(path, file, classes);
  const chosen = own ? "" : ", chosen for another checkpoint";
  const how = named ? chosen : ", next to the checkpoint (--th for a single one)";
  const shared = file.global.probability.toFixed(3);
  const rest = missing > 0 ? `; ${missing} classes that it does not list have the shared ${shared}` : "";
  terminal.info(`thresholds: one per class, from ${path}${how}${rest}`);
  return { thresholds: logits, temperature: file.temperature, source: { thresholds: path } };
}
