import { join } from "node:path";
import type { Split } from "./dataset.js";

/** What of a split the comparison reads. */
export type OverlapSplit = Pick<Split, "name" | "truth" | "fileNames" | "roots" | "globalIds">;

export interface SplitOverlap {
  /** Samples of the second split that are in the first as well. */
  count: number;
  /** … because of their ids, and because of their paths. One sample may be both. */
  byId: number;
  byPath: number;
  /** Ids of the first few. */
  examples: string[];
}

/**
 * Images that are in both splits: equal ids mean that where ids are global (OpenImages) or the file names are equal
 * too (COCO-like files of your own often count from 1 in every split); so do equal paths, whatever the ids.
 */
export function splitOverlap(train: OverlapSplit, validation: OverlapSplit): SplitOverlap {
  const overlap: SplitOverlap = { count: 0, byId: 0, byPath: 0, examples: [] };
  const samePath = samplesWithSamePath(train, validation);
  const { sampleIds } = train.truth;
  for (let i = 0; i < validation.truth.numSamples; i++) {
    const id = validation.truth.sampleIds.at(i);
    const at = sampleIds.indexOf(id);
    const sameId =
      at >= 0 && (validation.globalIds === true || train.fileNames.at(at) === validation.fileNames.at(i));
    if (sameId) overlap.byId++;
    if (samePath.has(i)) overlap.byPath++;
    if (!sameId && !samePath.has(i)) continue;
    overlap.count++;
    if (overlap.examples.length < 5) overlap.examples.push(id);
  }
  return overlap;
}

/** Samples of `validation` whose path is one of `train`'s. Global ids need no paths. */
function samplesWithSamePath(train: OverlapSplit, validation: OverlapSplit): Set<number> {
  const shared = new Set<number>();
  if (validation.globalIds) return shared;
  const path = ({ roots, fileNames }: OverlapSplit, i: number): string =>
    join(roots[0] ?? "", fileNames.at(i) ?? "").normalize("NFC");
  const positions = new Map<string, number>();
  for (let i = 0; i < validation.fileNames.length; i++) positions.set(path(validation, i), i);
  for (let i = 0; i < train.fileNames.length; i++) {
    const at = positions.get(path(train, i));
    if (at !== undefined) shared.add(at);
  }
  return shared;
}
