import { annotatedScores, type ScoreSource } from "./annotated-scores.js";
import type { ClassKeys } from "./class-keys.js";
import { type DecisionCounts, emptyDecisionCounts } from "./decision-counts.js";
import type { NumberArray } from "./number-array.js";
import {
  checkOptions,
  type PrecisionRecallF1,
  type PrecisionRecallF1Options,
  summarizeDecisions,
} from "./precision-recall-f1.js";
import { keyOfScore } from "./threshold-below.js";

/**
 * precisionRecallF1() of scores that an accumulator has kept, at any thresholds.
 *
 * @param threshold one for all classes or one per class; predicted means score > threshold, in float32.
 * @throws RangeError as precisionRecallF1 does.
 */
export function precisionRecallF1At(
  source: ScoreSource,
  threshold: number | NumberArray,
  options: Pick<PrecisionRecallF1Options, "convention" | "emptyClass"> = {},
): PrecisionRecallF1 {
  const speaker = "precisionRecallF1At";
  const held = annotatedScores(speaker, source);
  const { numClasses } = held;
  checkOptions(speaker, numClasses, { threshold, ...options });
  const counts = emptyDecisionCounts(numClasses);
  for (let index = 0; index < numClasses; index++) {
    const own = typeof threshold === "number" ? threshold : threshold[index]!;
    for (const part of held.ofClass(index)) addKeyDecisions(counts, index, part, own);
  }
  return summarizeDecisions(speaker, counts, options);
}

/** Counts the decisions "score > threshold" on some of a class's entries. */
export function addKeyDecisions(
  counts: DecisionCounts,
  index: number,
  { positives, numPositives, annotated, numAnnotated }: ClassKeys,
  threshold: number,
): void {
  const key = keyOfScore(threshold);
  const truePositives = countAbove(positives, numPositives, key);
  const falsePositives = countAbove(annotated, numAnnotated, key) - truePositives;
  counts.truePositives[index]! += truePositives;
  counts.falsePositives[index]! += falsePositives;
  counts.falseNegatives[index]! += numPositives - truePositives;
  counts.trueNegatives[index]! += numAnnotated - numPositives - falsePositives;
}

function countAbove(keys: Int32Array, length: number, key: number): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (keys[i]! > key) count++;
  return count;
}
