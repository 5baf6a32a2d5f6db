import { countBetween } from "./count-between.js";

/**
 * The decisions "score at or above a candidate" at ascending candidate keys: entries at or above each, and how many there
 * are in all. Counted fold by fold, so that everything but one fold is a subtraction away.
 */
export type DecisionCounter = {
  positivesFrom: Int32Array;
  annotatedFrom: Int32Array;
  positives: number;
  annotated: number;
};

export function emptyCounter(length: number): DecisionCounter {
  return {
    positivesFrom: new Int32Array(length),
    annotatedFrom: new Int32Array(length),
    positives: 0,
    annotated: 0,
  };
}

/** Adds (or with sign -1 takes away) the counts of `part`. */
export function addCounter(sum: DecisionCounter, part: DecisionCounter, sign: 1 | -1 = 1): DecisionCounter {
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
  counter: DecisionCounter,
  candidates: Int32Array,
  { positives, annotated }: { positives: Int32Array; annotated: Int32Array },
): void {
  countFrom(counter.positivesFrom, candidates, positives);
  countFrom(counter.annotatedFrom, candidates, annotated);
  counter.positives += positives.length;
  counter.annotated += annotated.length;
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

/** The distinct values of ascending keys, in place. */
export function distinct(sorted: Int32Array): Int32Array {
  let length = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (length === 0 || sorted[length - 1] !== sorted[i]) sorted[length++] = sorted[i]!;
  }
  return sorted.subarray(0, length);
}
