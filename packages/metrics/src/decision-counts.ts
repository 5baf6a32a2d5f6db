import { LabelState } from "./label-state.js";
import type { NumberArray } from "./number-array.js";
import { selectTopK, type TopK } from "./top-k.js";

/** Yes/no decisions on annotated entries, counted per class. */
export type DecisionCounts = {
  truePositives: Uint32Array;
  falsePositives: Uint32Array;
  falseNegatives: Uint32Array;
  trueNegatives: Uint32Array;
};

/** What turns a score into a decision: a threshold (strict >, one for all or one per class) and perhaps a top-k. */
export type DecisionRule = { threshold: number | NumberArray; topK?: TopK | undefined };

export function emptyDecisionCounts(numClasses: number): DecisionCounts {
  return {
    truePositives: new Uint32Array(numClasses),
    falsePositives: new Uint32Array(numClasses),
    falseNegatives: new Uint32Array(numClasses),
    trueNegatives: new Uint32Array(numClasses),
  };
}

/** Adds the decisions on a valid [rows, classes] matrix to `counts`. Un-annotated entries are no decisions. */
export function countDecisions(
  counts: DecisionCounts,
  scores: NumberArray,
  labels: Int8Array,
  { threshold, topK }: DecisionRule,
): void {
  const numClasses = counts.truePositives.length;
  // A float32 score equal to the threshold must not pass because the threshold was written as a wider number.
  const rounded = scores instanceof Float32Array ? Math.fround : (value: number) => value;
  const thresholds = Float64Array.from({ length: numClasses }, (_, c) =>
    rounded(typeof threshold === "number" ? threshold : threshold[c]!),
  );
  const exact = topK !== undefined && (topK.rule ?? "exact") === "exact";
  const chosen = new Int32Array(topK?.k ?? 0);
  const isChosen = new Uint8Array(numClasses);
  const annotated = (at: number): boolean => labels[at] !== LabelState.Unannotated;
  for (let start = 0; start < labels.length; start += numClasses) {
    if (topK !== undefined) {
      isChosen.fill(0);
      const size = selectTopK(scores, annotated, { from: start, to: start + numClasses, out: chosen });
      for (let i = 0; i < size; i++) isChosen[chosen[i]! - start] = 1;
    }
    for (let c = 0; c < numClasses; c++) {
      const label = labels[start + c]!;
      if (label === LabelState.Unannotated) continue;
      const passes = exact || scores[start + c]! > thresholds[c]!;
      const predicted = passes && (topK === undefined || isChosen[c] === 1);
      if (label === LabelState.Positive) {
        if (predicted) counts.truePositives[c]!++;
        else counts.falseNegatives[c]!++;
      } else if (predicted) counts.falsePositives[c]!++;
      else counts.trueNegatives[c]!++;
    }
  }
}
