import type { ClassList } from "@csl/labels";
import type { Terminal } from "./terminal.js";
import { isFor, thresholdsBeside } from "./thresholds-beside.js";
import { readThresholds, type ThresholdsFile, thresholdVector } from "./thresholds-file.js";

/** When a class is a tag: its logit is above the class's threshold. */
export interface DecisionRule {
  /** [classes] logits. */
  thresholds: Float32Array;
  /** For calibrated probabilities; undefined without a thresholds file. */
  temperature?: number;
  /** Where it comes from, as `tags.json` has it. */
  source: { threshold: number } | { thresholds: string };
}

const DEFAULT = 0.97; // of the reference's infer.py

/**
 * `--th`, the file of `--thresholds`, or thresholds.json beside the checkpoint if it was chosen for this very checkpoint;
 * else 0.97. Says what it took.
 *
 * @throws when both flags are given, a probability is out of range, or the file is not one for these classes.
 */
export async function decisionRule(
  { th, thresholds, modelPath }: { th?: number; thresholds?: string; modelPath: string },
  classes: ClassList,
  terminal: Terminal,
): Promise<DecisionRule> {
  if (th !== undefined && thresholds !== undefined)
    throw new Error("csl infer: expected --th or --thresholds, got both. Leave one out.");
  if (th !== undefined) return singleThreshold(th, classes);
  if (thresholds !== undefined) {
    const file = await readThresholds(thresholds);
    if (!(await isFor(file, modelPath)))
      terminal.info(`thresholds: ${thresholds} were chosen for another checkpoint than ${modelPath}.`);
    return classThresholds(thresholds, file, { classes, terminal, note: "" });
  }
  const found = await thresholdsBeside(modelPath);
  if (found?.own)
    return classThresholds(found.path, found.file, {
      classes,
      terminal,
      note: " beside the checkpoint (--th for a single one)",
    });
  if (found)
    terminal.info(
      `thresholds: ${found.path} were chosen for another checkpoint (${found.file.checkpoint?.file}) and are left aside; --thresholds takes them all the same.`,
    );
  return singleThreshold(DEFAULT, classes);
}

function classThresholds(
  path: string,
  file: ThresholdsFile,
  { classes, terminal, note }: { classes: ClassList; terminal: Terminal; note: string },
): DecisionRule {
  const { logits, missing } = thresholdVector(path, file, classes);
  const rest =
    missing > 0
      ? `; ${missing} classes that it does not list take the shared ${file.global.probability.toFixed(3)}`
      : "";
  terminal.info(`thresholds: one per class, from ${path}${note}${rest}`);
  return { thresholds: logits, temperature: file.temperature, source: { thresholds: path } };
}

function singleThreshold(th: number, classes: ClassList): DecisionRule {
  if (!(th >= 0 && th <= 1))
    throw new Error(`csl infer: expected --th to be a probability from 0 to 1, got ${th}.`);
  const logit = Math.log(th / (1 - th));
  return { thresholds: new Float32Array(classes.size).fill(logit), source: { threshold: th } };
}
