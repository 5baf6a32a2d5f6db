import type { LabelTable } from "./label-table.js";

/** Samples per class in each state, [classes] each; the three add up to the number of samples. */
export interface ClassStatistics {
  positives: Uint32Array;
  negatives: Uint32Array;
  unannotated: Uint32Array;
}

/** Counts the three states of every class in one pass over the stored cells. */
export function classStatistics(table: LabelTable): ClassStatistics {
  const positives = new Uint32Array(table.numClasses);
  const negatives = new Uint32Array(table.numClasses);
  const unannotated = new Uint32Array(table.numClasses);
  const byLabel = [unannotated, negatives, positives]; // position: label + 1
  const ofDefault = byLabel[table.defaultLabel + 1]!;
  ofDefault.fill(table.numSamples);
  table.forEachEntry((_sample, classIndex, label) => {
    byLabel[label + 1]![classIndex]!++;
    ofDefault[classIndex]!--;
  });
  return { positives, negatives, unannotated };
}
