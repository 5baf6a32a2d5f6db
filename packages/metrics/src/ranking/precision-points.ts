import { type ClassKeys, countsFrom, keyBin } from "../scores/class-keys.js";
import { countBetween, radixSort } from "../scores/sort-and-count.js";

/**
 * What a precision-recall curve needs, by distinct score of the positives, ascending: how many positives have that
 * score, how many negatives have exactly that score, and how many lie above it.
 */
export type PrecisionPoints = {
  length: number;
  positives: Int32Array;
  negativesTied: Int32Array;
  negativesAbove: Int32Array;
  numPositives: number;
};

/** Buffers that precisionPoints reuses from class to class; the points it returns live in them until its next call. */
export type Workspace = {
  unsorted: Int32Array;
  spare: Int32Array;
  keys: Int32Array;
  positives: Int32Array;
  equal: Int32Array;
  above: Int32Array;
};

export function createWorkspace(capacity = 0): Workspace {
  return {
    unsorted: new Int32Array(capacity),
    spare: new Int32Array(capacity),
    keys: new Int32Array(capacity),
    positives: new Int32Array(capacity),
    equal: new Int32Array(capacity),
    above: new Int32Array(capacity + 1),
  };
}

/** Where counted entries that share a bin with a positive are assumed to lie. That is not known: each choice is a bound. */
export type BinTies = "above" | "below";

/**
 * The precision points of one class. Only its positives are sorted; the annotated entries, and un-annotated ones that
 * are assumed negative, are counted between them.
 */
export function precisionPoints(
  classKeys: ClassKeys,
  workspace: Workspace,
  binTies: BinTies = "above",
): PrecisionPoints {
  const { numPositives, numAnnotated, assumedNegatives } = classKeys;
  const capacity = workspace.keys.length;
  if (capacity < numPositives) {
    Object.assign(workspace, createWorkspace(Math.max(numPositives, Math.ceil(capacity * 1.5))));
  }
  const length = distinctPositives(classKeys, workspace);
  const { keys, positives, equal, above } = workspace;
  equal.fill(0, 0, length);
  above.fill(0, 0, length + 1);
  if (length > 0) {
    countBetween({ keys, length, equal, below: above }, classKeys.annotated, numAnnotated);
    if (assumedNegatives && "keys" in assumedNegatives) {
      countBetween({ keys, length, equal, below: above }, assumedNegatives.keys, assumedNegatives.length);
    }
  }
  // The positives were counted as entries, each on its own score: what remains on a score are tied negatives. And
  // above[i] still holds the entries just below score i; make it all negatives above score i.
  let negatives = above[length]!;
  for (let i = length - 1; i >= 0; i--) {
    equal[i]! -= positives[i]!;
    const between = above[i]!;
    above[i] = negatives;
    negatives += equal[i]! + between;
  }
  if (assumedNegatives && "bins" in assumedNegatives) {
    const from = countsFrom(assumedNegatives.bins);
    const own = binTies === "above" ? 0 : 1;
    for (let i = 0; i < length; i++) above[i]! += from[keyBin(keys[i]!) + own]!;
  }
  return { length, positives, negativesTied: equal, negativesAbove: above, numPositives };
}

/** Sorts the positives into distinct ascending `keys` with their multiplicity; returns how many are distinct. */
function distinctPositives({ positives, numPositives }: ClassKeys, workspace: Workspace): number {
  const { unsorted, spare, keys } = workspace;
  unsorted.set(positives.subarray(0, numPositives));
  const sorted = radixSort(unsorted, numPositives, spare);
  let length = 0;
  for (let i = 0; i < numPositives; ) {
    const key = sorted[i]!;
    let end = i + 1;
    while (end < numPositives && sorted[end] === key) end++;
    keys[length] = key;
    workspace.positives[length++] = end - i;
    i = end;
  }
  return length;
}
