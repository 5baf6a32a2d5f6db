import type { ClassKeys } from "./class-keys.js";
import { radixSort } from "./radix-sort.js";

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
  numNegatives: number;
};

/** Buffers that rankClass reuses from class to class; the points it returns live in them until its next call. */
export type Workspace = {
  keys: Int32Array;
  spare: Int32Array;
  distinct: Int32Array;
  counts: Int32Array;
  tied: Int32Array;
  above: Int32Array;
  histogram: Int32Array;
  occupied: Uint8Array;
  first: Int32Array;
  unresolved: Int32Array;
};

export function createWorkspace(): Workspace {
  const none = new Int32Array(0);
  return {
    keys: none,
    spare: none,
    distinct: none,
    counts: none,
    tied: none,
    above: none,
    histogram: none,
    occupied: new Uint8Array(0),
    first: none,
    unresolved: none,
  };
}

/** Buckets per positive: more cost cache misses, fewer leave more entries to a search. Measured at 3.6% positives. */
const BUCKETS_PER_POSITIVE = 8;
const MIN_BUCKET_BITS = 8;
const MAX_BUCKET_BITS = 16;

/**
 * The precision points of one class without sorting its negatives: only the positives are sorted, and every
 * annotated entry is counted in a bucket of the key range they span. Buckets without a positive are finished by a
 * running sum; an entry that shares its bucket with positives is placed between them by a short search.
 * O(annotated + positives), O(annotated * log positives) when the scores crowd into few buckets.
 */
export function rankClass(keys: ClassKeys, workspace: Workspace): PrecisionPoints {
  const { numPositives, numAnnotated } = keys;
  reserve(workspace, numPositives, numAnnotated);
  const length = distinctPositives(keys, workspace);
  const { distinct, counts, tied, above, histogram, occupied, first } = workspace;
  tied.fill(0, 0, length);
  above.fill(0, 0, length + 1);
  if (length > 0) {
    const bucketBits = clamp(
      Math.ceil(Math.log2(numPositives * BUCKETS_PER_POSITIVE)),
      MIN_BUCKET_BITS,
      MAX_BUCKET_BITS,
    );
    const lowest = distinct[0]!;
    const highest = distinct[length - 1]!;
    const shift = Math.max(1, 32 - Math.clz32(highest - lowest) - bucketBits);
    // Bucket 0 takes what lies below every positive, `top` what lies above.
    const base = (lowest >> shift) - 1;
    const top = (highest >> shift) - base + 1;
    histogram.fill(0, 0, top + 1);
    occupied.fill(0, 0, top + 1);
    for (let i = length - 1; i >= 0; i--) {
      const bucket = (distinct[i]! >> shift) - base;
      occupied[bucket] = 1;
      first[bucket] = i;
    }
    const numUnresolved = countBuckets(keys, workspace, shift, base, top);
    placeUnresolved(workspace, numUnresolved, length, shift, base);
    let between = histogram[top]!;
    for (let bucket = top - 1, i = length; bucket > 0; bucket--) {
      if (occupied[bucket] === 0) between += histogram[bucket]!;
      else {
        above[i]! += between;
        between = 0;
        i = first[bucket]!;
      }
    }
  }
  // above[i] holds the entries strictly between distinct scores i-1 and i; make it the negatives above score i.
  let negatives = above[length]!;
  for (let i = length - 1; i >= 0; i--) {
    const between = above[i]!;
    above[i] = negatives;
    tied[i]! -= counts[i]!;
    negatives += tied[i]! + between;
  }
  return {
    length,
    positives: counts,
    negativesTied: tied,
    negativesAbove: above,
    numPositives,
    numNegatives: numAnnotated - numPositives,
  };
}

/** Sorts the positives into `distinct` (ascending) and `counts`; returns how many distinct ones there are. */
function distinctPositives({ positives, numPositives }: ClassKeys, workspace: Workspace): number {
  const { keys, spare, distinct, counts } = workspace;
  keys.set(positives.subarray(0, numPositives));
  const sorted = radixSort(keys, numPositives, spare);
  let length = 0;
  for (let i = 0; i < numPositives; ) {
    const key = sorted[i]!;
    let end = i + 1;
    while (end < numPositives && sorted[end] === key) end++;
    distinct[length] = key;
    counts[length++] = end - i;
    i = end;
  }
  return length;
}

/** Counts every entry in its bucket and keeps those of occupied buckets, without a branch: this is the hot loop. */
function countBuckets(
  { annotated, numAnnotated }: ClassKeys,
  { histogram, occupied, unresolved }: Workspace,
  shift: number,
  base: number,
  top: number,
): number {
  let kept = 0;
  for (let i = 0; i < numAnnotated; i++) {
    const key = annotated[i]!;
    let bucket = (key >> shift) - base;
    bucket &= ~(bucket >> 31);
    const beyond = bucket - top;
    bucket -= beyond & ~(beyond >> 31);
    histogram[bucket]!++;
    unresolved[kept] = key;
    kept += occupied[bucket]!;
  }
  return kept;
}

/** Places each kept entry at or below the first distinct positive that is not smaller: galloping, then halving. */
function placeUnresolved(
  { unresolved, distinct, first, tied, above }: Workspace,
  kept: number,
  length: number,
  shift: number,
  base: number,
): void {
  for (let i = 0; i < kept; i++) {
    const key = unresolved[i]!;
    let low = first[(key >> shift) - base]!;
    let step = 1;
    while (low + step <= length && distinct[low + step - 1]! < key) {
      low += step;
      step *= 2;
    }
    let high = Math.min(length, low + step - 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (distinct[middle]! < key) low = middle + 1;
      else high = middle;
    }
    if (low < length && distinct[low] === key) tied[low]!++;
    else above[low]!++;
  }
}

function reserve(workspace: Workspace, numPositives: number, numAnnotated: number): void {
  if (workspace.above.length <= numPositives) {
    const capacity = Math.max(numPositives, Math.ceil(workspace.keys.length * 1.5));
    for (const name of ["keys", "spare", "distinct", "counts", "tied"] as const) {
      workspace[name] = new Int32Array(capacity);
    }
    workspace.above = new Int32Array(capacity + 1);
  }
  // The last write of the hot loop may go one beyond what it keeps.
  if (workspace.unresolved.length <= numAnnotated) workspace.unresolved = new Int32Array(numAnnotated + 1);
  if (workspace.histogram.length === 0) {
    const buckets = 2 ** MAX_BUCKET_BITS + 8;
    workspace.histogram = new Int32Array(buckets);
    workspace.first = new Int32Array(buckets);
    workspace.occupied = new Uint8Array(buckets);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
