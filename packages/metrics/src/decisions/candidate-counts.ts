import { countBetween } from "../scores/sort-and-count.js";
import type { CriterionValue } from "./threshold-criterion.js";

/**
 * The decisions "score at or above a candidate" at ascending candidate keys: entries at or above each, and how many there
 * are in all. Counted fold by fold, so that everything but one fold is a subtraction away.
 */
export type CandidateCounts = {
  positivesFrom: Int32Array;
  annotatedFrom: Int32Array;
  positives: number;
  annotated: number;
};

export function emptyCandidateCounts(length: number): CandidateCounts {
  return {
    positivesFrom: new Int32Array(length),
    annotatedFrom: new Int32Array(length),
    positives: 0,
    annotated: 0,
  };
}

/** Adds (or with sign -1 takes away) the counts of `part`. */
export function addCandidateCounts(
  sum: CandidateCounts,
  part: CandidateCounts,
  sign: 1 | -1 = 1,
): CandidateCounts {
  const { positivesFrom, annotatedFrom } = sum;
  for (let i = 0; i < positivesFrom.length; i++) {
    positivesFrom[i]! += sign * part.positivesFrom[i]!;
    annotatedFrom[i]! += sign * part.annotatedFrom[i]!;
  }
  sum.positives += sign * part.positives;
  sum.annotated += sign * part.annotated;
  return sum;
}

/** Counts more entries: `positives` are those of `annotated` that are positive. */
export function countEntries(
  counts: CandidateCounts,
  candidates: Int32Array,
  { positives, annotated }: { positives: Int32Array; annotated: Int32Array },
): void {
  countFrom(counts.positivesFrom, candidates, positives);
  countFrom(counts.annotatedFrom, candidates, annotated);
  counts.positives += positives.length;
  counts.annotated += annotated.length;
}

/** Adds to from[i] how many keys are at or above candidates[i]. */
function countFrom(from: Int32Array, candidates: Int32Array, keys: Int32Array): void {
  const { length } = candidates;
  if (length === 0 || keys.length === 0) return;
  const equal = new Int32Array(length);
  const below = new Int32Array(length + 1);
  countBetween({ keys: candidates, length, equal, below }, keys, keys.length);
  for (let i = length - 1, sum = 0; i >= 0; i--) {
    sum += equal[i]! + below[i + 1]!;
    from[i]! += sum;
  }
}

/**
 * The index of the best candidate, the highest of equally good ones; -1 without positives or without negatives. Only a
 * positive's own score can be best: any other threshold lets the same positives pass, and as many negatives or more.
 */
export function bestCandidate(
  { positivesFrom, annotatedFrom, positives, annotated }: CandidateCounts,
  value: CriterionValue,
): number {
  if (positives === 0 || annotated === positives) return -1;
  let best = -1;
  let bestValue = -Infinity;
  for (let i = positivesFrom.length - 1, before = 0; i >= 0; i--) {
    const truePositives = positivesFrom[i]!;
    if (truePositives === before) continue; // a positive of the fold that is left out
    before = truePositives;
    const own = value(truePositives, annotatedFrom[i]! - truePositives, positives);
    if (own > bestValue) {
      bestValue = own;
      best = i;
    }
  }
  return best;
}
