import type { ClassList } from "@csl/labels";
import type { Terminal } from "../terminal/terminal.js";
import type { ThresholdSource } from "./threshold-source.js";
import { thresholdVector } from "./thresholds-file.js";

/** When a class is a tag: its logit is above the class's threshold. */
export interface DecisionRule {
  /** [classes] logits. */
  thresholds: Float32Array;
  /** For calibrated probabilities; undefined without a thresholds file. */
  temperature?: number;
  /** Where it comes from, as `tags.json` has it. */
  source: { threshold: number } | { thresholds: string };
}

/** The rule for a model's classes. Says what it took. @throws when a file is not one for these classes. */
export function decisionRule(source: ThresholdSource, classes: ClassList, terminal: Terminal): DecisionRule {
  if ("threshold" in source) {
    const { threshold, leftAside } = source;
    if (leftAside)
      terminal.info(
        `thresholds: ${leftAside.path} were chosen for another checkpoint (${leftAside.file.checkpoint?.file}) and are left aside; --thresholds takes them all the same.`,
      );
    const logit = Math.log(threshold / (1 - threshold));
    return { thresholds: new Float32Array(classes.size).fill(logit), source: { threshold } };
  }
  const { path, file, own, named } = source;
  const { logits, missing } = thresholdVector(path, file, classes);
  const how = named
    ? own
      ? ""
      : ", chosen for another checkpoint"
    : ", beside the checkpoint (--th for a single one)";
  const shared = file.global.probability.toFixed(3);
  const rest = missing > 0 ? `; ${missing} classes that it does not list take the shared ${shared}` : "";
  terminal.info(`thresholds: one per class, from ${path}${how}${rest}`);
  return { thresholds: logits, temperature: file.temperature, source: { thresholds: path } };
}
