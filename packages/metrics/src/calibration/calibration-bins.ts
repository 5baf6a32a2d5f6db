import { type ClassKeys, keyToScore } from "../scores/class-keys.js";
import { radixSort } from "../scores/sort-and-count.js";

/** What the scores are. Nothing in the numbers says it for certain, so it must be said. */
export type ScoreKind = "logits" | "probabilities";

/** The annotated entries of one class as probabilities: of all of them, and again of the positive ones. */
export type ClassProbabilities = { annotated: Float32Array; positives: Float32Array };

/** Probabilities of all folds of a class; logits are divided by `temperature` first. */
export function classProbabilities(
  parts: readonly ClassKeys[],
  { scoresAre, temperature }: { scoresAre: ScoreKind; temperature: number },
): ClassProbabilities {
  const toProbability =
    scoresAre === "logits"
      ? (key: number): number => 1 / (1 + Math.exp(-keyToScore(key) / temperature))
      : keyToScore;
  const map = (from: "annotated" | "positives", count: "numAnnotated" | "numPositives"): Float32Array => {
    const out = new Float32Array(parts.reduce((sum, part) => sum + part[count], 0));
    let at = 0;
    for (const part of parts) {
      const keys = part[from];
      for (let i = 0; i < part[count]; i++) out[at++] = toProbability(keys[i]!);
    }
    return out;
  };
  return { annotated: map("annotated", "numAnnotated"), positives: map("positives", "numPositives") };
}

/** Entries of a range of probabilities: how many, the sum of their probabilities, how many are positive. */
type BinSums = { counts: Float64Array; sums: Float64Array; positives: Float64Array };

/** One row of a reliability table. */
export type ReliabilityBin = {
  /** The range [from, to); the last one includes 1. */
  from: number;
  to: number;
  count: number;
  /** Mean probability; null in an empty bin. */
  confidence: number | null;
  /** Share of positives; null in an empty bin. */
  frequency: number | null;
};

export function emptyBins(length: number): BinSums {
  return {
    counts: new Float64Array(length),
    sums: new Float64Array(length),
    positives: new Float64Array(length),
  };
}

/** Adds a class's entries to bins of equal width on [0, 1]. */
export function addToBins(bins: BinSums, { annotated, positives }: ClassProbabilities): void {
  const { length } = bins.counts;
  const findBin = (p: number): number => {
    const bin = Math.floor(p * length);
    if (bin >= length - 1) return length - 1;
    // A probability of 0.7 is a float32 a little below 0.7, as the edge 0.7 is: it begins its bin.
    return p >= Math.fround((bin + 1) / length) ? bin + 1 : bin;
  };
  for (let i = 0; i < annotated.length; i++) {
    const bin = findBin(annotated[i]!);
    bins.counts[bin]!++;
    bins.sums[bin]! += annotated[i]!;
  }
  for (let i = 0; i < positives.length; i++) bins.positives[findBin(positives[i]!)]!++;
}

/** Σ |share of positives - mean probability| · share of the entries, the l1 calibration error. NaN without entries. */
export function calibrationError({ counts, sums, positives }: BinSums): number {
  let error = 0;
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    error += Math.abs(positives[i]! - sums[i]!);
    total += counts[i]!;
  }
  return error / total;
}

export function reliabilityTable({ counts, sums, positives }: BinSums): ReliabilityBin[] {
  return Array.from(counts, (count, i) => ({
    from: i / counts.length,
    to: (i + 1) / counts.length,
    count,
    confidence: count === 0 ? null : sums[i]! / count,
    frequency: count === 0 ? null : positives[i]! / count,
  }));
}

/** Probabilities of at most 1 as float32 patterns, without the last `SHIFT` bits. */
const SHIFT = 10;

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
  return emptyBins((0x3f800000 >> SHIFT) + 1); // 1 as float32 bits is the largest
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
