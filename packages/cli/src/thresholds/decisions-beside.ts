import type { ClassList } from "@csl/labels";
import { type MetricAccumulator, type PrecisionRecallF1, precisionRecallF1At } from "@csl/metrics";
import { percent } from "../terminal/percent.js";
import { criterionName } from "./criterion-flag.js";
import type { ThresholdsBeside } from "./thresholds-beside.js";
import { thresholdVector } from "./thresholds-file.js";

/** What the thresholds beside a checkpoint do on the images of an evaluation. */
export interface DecisionsBeside {
  thresholds: string;
  decisions: PrecisionRecallF1;
  text: string;
}

/** Undefined where no thresholds were chosen for this checkpoint and these classes. @param labels hash of their labels */
export function decisionsBeside(
  metrics: MetricAccumulator,
  { found, classes, labels }: { found: ThresholdsBeside | undefined; classes: ClassList; labels: string },
): DecisionsBeside | undefined {
  if (!found?.own || !Object.keys(found.file.classes).every((id) => classes.has(id))) return undefined;
  const { path, file } = found;
  const decisions = precisionRecallF1At(metrics, thresholdVector(path, file, classes).logits);
  const numbers = (["cp", "cr", "cf1", "op", "or", "of1"] as const).map(
    (name) => `${name.toUpperCase()} ${percent(decisions[name])}`,
  );
  const own = file.data?.labels === labels ? ", on these very images: optimistic" : "";
  const chosen = `chosen for ${criterionName(file.criterion)} on ${file.data?.split}${own}`;
  return { thresholds: path, decisions, text: `at ${path} (${chosen}): ${numbers.join(" ")}` };
}
