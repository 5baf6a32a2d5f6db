import type { LabelMatrix } from "./label-matrix.js";
import { LabelState } from "./label-state.js";
import { orderedKey } from "./ordered-key.js";

/** Sums over samples with an annotation; precision and loss over those with both kinds. */
export type RankingSums = {
  samples: number;
  /** Samples whose annotations are all positive or all negative. */
  oneSided: number;
  precision: number;
  coverage: number;
  loss: number;
};

export function emptyRankingSums(): RankingSums {
  return { samples: 0, oneSided: 0, precision: 0, coverage: 0, loss: 0 };
}

const { Positive, Negative } = LabelState;
const keyOf = orderedKey;

/** Adds every sample of the matrix. Only a sample's positives, few as a rule, are sorted; negatives are placed among them. */
export function addSampleRankings(sums: RankingSums, { bits, labels, numClasses, rows }: LabelMatrix): void {
  const positives = new Int32Array(numClasses);
  /** negativesUpTo[i]: negatives above positive i - 1 (ascending), and not above positive i. */
  const negativesUpTo = new Int32Array(numClasses + 1);
  for (let row = 0; row < rows; row++) {
    const start = row * numClasses;
    const end = start + numClasses;
    let numPositives = 0;
    let numNegatives = 0;
    for (let i = start; i < end; i++) {
      if (labels[i] === Positive) positives[numPositives++] = keyOf(bits[i]!);
      else if (labels[i] === Negative) numNegatives++;
    }
    if (numPositives + numNegatives === 0) continue;
    sums.samples++;
    if (numPositives === 0 || numNegatives === 0) {
      sums.oneSided++;
      sums.coverage += numPositives;
      continue;
    }
    const sorted = positives.subarray(0, numPositives).sort();
    negativesUpTo.fill(0, 0, numPositives + 1);
    for (let i = start; i < end; i++) {
      if (labels[i] === Negative) negativesUpTo[firstAbove(sorted, keyOf(bits[i]!))]!++;
    }
    addRanking(sums, sorted, negativesUpTo, numNegatives);
  }
}

/** negatives[i] counts those with exactly i positives at or below them. */
function addRanking(
  sums: RankingSums,
  sorted: Int32Array,
  negatives: Int32Array,
  numNegatives: number,
): void {
  const { length } = sorted;
  let precision = 0;
  let wrongPairs = 0;
  let negativesFrom = 0; // at or above the positive
  for (let end = length; end > 0; ) {
    let first = end - 1;
    while (first > 0 && sorted[first - 1] === sorted[end - 1]) first--; // equal positives share their rank
    for (let i = first + 1; i <= end; i++) {
      negativesFrom += negatives[i]!;
      wrongPairs += i * negatives[i]!;
    }
    const positivesFrom = length - first;
    precision += (end - first) * (positivesFrom / (positivesFrom + negativesFrom));
    end = first;
  }
  sums.precision += precision / length;
  sums.coverage += length + negativesFrom;
  sums.loss += wrongPairs / (length * numNegatives);
}

/** How many of the ascending keys are at or below `key`. */
function firstAbove(sorted: Int32Array, key: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
