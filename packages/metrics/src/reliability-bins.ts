import type { ClassProbabilities } from "./class-probabilities.js";

/** Entries of a range of probabilities: how many, the sum of their probabilities, how many are positive. */
export type BinSums = { counts: Float64Array; sums: Float64Array; positives: Float64Array };

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
  const binOf = (p: number): number => {
    const bin = Math.floor(p * length);
    if (bin >= length - 1) return length - 1;
    // A probability of 0.7 is a float32 a little below 0.7, as the edge 0.7 is: it begins its bin.
    return p >= Math.fround((bin + 1) / length) ? bin + 1 : bin;
  };
  for (let i = 0; i < annotated.length; i++) {
    const bin = binOf(annotated[i]!);
    bins.counts[bin]!++;
    bins.sums[bin]! += annotated[i]!;
  }
  for (let i = 0; i < positives.length; i++) bins.positives[binOf(positives[i]!)]!++;
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
