import type { ClassProbabilities } from "./class-probabilities.js";
import { radixSort } from "./radix-sort.js";
import { type BinSums, emptyBins } from "./reliability-bins.js";

/** Probabilities of at most 1 as float32 patterns, without the last `SHIFT` bits. */
const SHIFT = 10;
const NUM_CELLS = (0x3f800000 >> SHIFT) + 1;

/**
 * Joins ascending groups of equal (or nearly equal) probabilities to `bins` bins of as equal a number of entries as
 * groups allow: bin j ends with the group that holds the entry at rank j (n - 1) / bins, as the `quantile` strategy of
 * scikit-learn's calibration_curve cuts.
 */
export function equalMassBins(groups: BinSums, bins: number): BinSums {
  const total = groups.counts.reduce((sum, count) => sum + count, 0);
  const joined = emptyBins(bins);
  let bin = 0;
  let seen = 0;
  for (let group = 0; group < groups.counts.length; group++) {
    joined.counts[bin]! += groups.counts[group]!;
    joined.sums[bin]! += groups.sums[group]!;
    joined.positives[bin]! += groups.positives[group]!;
    seen += groups.counts[group]!;
    while (bin < bins - 1 && seen > Math.floor(((bin + 1) * (total - 1)) / bins)) bin++;
  }
  return joined;
}

/** A class's entries by distinct probability, ascending. */
export function sortedGroups({ annotated, positives }: ClassProbabilities): BinSums {
  const all = sorted(annotated);
  const positive = sorted(positives);
  const groups = emptyBins(all.length);
  let group = -1;
  for (let i = 0, p = 0; i < all.length; i++) {
    if (i === 0 || all[i] !== all[i - 1]) {
      group++;
      for (; p < positive.length && positive[p] === all[i]; p++) groups.positives[group]!++;
    }
    groups.counts[group]!++;
    groups.sums[group]! += all[i]!;
  }
  return groups;
}

/** Probabilities sort as their bit patterns do. */
function sorted(probabilities: Float32Array): Float32Array {
  const keys = new Int32Array(probabilities.slice().buffer);
  const result = radixSort(keys, keys.length, new Int32Array(keys.length));
  return new Float32Array(result.buffer, result.byteOffset, result.length);
}

/**
 * Groups for the entries of many classes, in bounded memory (25 MB): probabilities that agree in all but the last ten
 * bits, 1/8192 of their power of two, are one group.
 */
export function pooledGroups(): BinSums {
  return emptyBins(NUM_CELLS);
}

export function addToPooledGroups(groups: BinSums, { annotated, positives }: ClassProbabilities): void {
  const patterns = (values: Float32Array): Int32Array =>
    new Int32Array(values.buffer, values.byteOffset, values.length);
  const all = patterns(annotated);
  for (let i = 0; i < all.length; i++) {
    const group = all[i]! >> SHIFT;
    groups.counts[group]!++;
    groups.sums[group]! += annotated[i]!;
  }
  for (const pattern of patterns(positives)) groups.positives[pattern >> SHIFT]!++;
}
