import { classStatistics } from "../class-statistics.js";
import type { LabelTable } from "../label-table.js";

/** Of this many images on, nearly all of whose entries are annotated, frequencies are told. */
const COMPLETE = { images: 50, share: 0.95 };

/** How often each class is in the images of another table; undefined where that one is not completely labelled. */
export function completeFrequencies(table: LabelTable, other: LabelTable): number[] | undefined {
  const { numSamples, numClasses } = other;
  if (numSamples < COMPLETE.images || other.classes.hash() !== table.classes.hash()) return undefined;
  const { positives, unannotated } = classStatistics(other);
  const missing = unannotated.reduce((total, count) => total + count, 0);
  if (missing > (1 - COMPLETE.share) * numSamples * numClasses) return undefined;
  return Array.from(positives, (count, c) => count / Math.max(1, numSamples - unannotated[c]!));
}
