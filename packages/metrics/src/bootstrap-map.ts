import { type Estimate, estimateOf } from "./bootstrap-estimate.js";
import { checkEntries, type LabelMatrix, toLabelMatrix } from "./label-matrix.js";
import { mulberry32 } from "./mulberry32.js";
import type { NumberArray } from "./number-array.js";
import { type CountedClasses, type ResampledMap, resampledMap } from "./resampled-map.js";

export type BootstrapOptions = CountedClasses & {
  /** Scores of another run on the same samples [rows * numClasses], to be compared with. */
  baseline?: NumberArray;
  /** How often the samples are drawn anew, default 1000. */
  draws?: number;
  /** Share of the draws within an interval, default 0.95. */
  level?: number;
  /** The same seed draws the same samples. Default 1. */
  seed?: number;
};

export type BootstrapInput = BootstrapOptions & {
  /** [rows * numClasses] row-major; logits or probabilities. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. */
  labels: NumberArray;
  numClasses: number;
};

export type MapEstimates = { mapC: Estimate; mapO: Estimate };

/** A difference, and in which share of the draws it is above zero (a tie counts half). */
export type DifferenceEstimate = Estimate & { betterShare: number };

export type BootstrapMap = MapEstimates & {
  /** Draws that had a class to score: all of them, except on tiny data. */
  draws: number;
  /** With a baseline: its own numbers, and `scores` minus baseline, draw by draw on the same samples. */
  baseline?: MapEstimates;
  difference?: { mapC: DifferenceEstimate; mapO: DifferenceEstimate };
};

/** Above this, a sample's number and its key no longer fit one exact number. */
const MAX_SAMPLES = 2 ** 20;

/**
 * How far mAP(C) and mAP(O) depend on which samples happened to be in the set: percentile intervals over draws of as many
 * samples with replacement. With a `baseline`, the difference of two runs on the same draws, which is far narrower than
 * the two intervals, because the same hard samples count in both.
 *
 * Ties are grouped, classes that lack positives or negatives (in the set, or in a draw) are left out, as in evaluate().
 *
 * @throws RangeError on NaN scores, labels outside {1, 0, -1}, wrong lengths, options out of range, or when no class can
 *   be scored.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 16.
 */
export function bootstrapMap({ scores, labels, numClasses, ...options }: BootstrapInput): BootstrapMap {
  const { baseline, draws = 1000, level = 0.95, seed = 1 } = options;
  checkBootstrap({ draws, level, seed });
  const matrix = checkedMatrix(scores, labels, numClasses);
  const other = baseline ? checkedMatrix(baseline, labels, numClasses) : undefined;
  // The first "draw" is the set itself, every sample once: it gives the values.
  const drawn = [new Uint8Array(matrix.rows).fill(1), ...drawSamples(matrix.rows, draws, seed)];
  const own = resampledMap(matrix, drawn, options);
  if (Number.isNaN(own.mapC[0])) {
    throw new RangeError(
      "bootstrapMap: expected a class with an annotated positive and an annotated negative, got none. Pass more samples, or let more classes count.",
    );
  }
  const theirs = other && resampledMap(other, drawn, options);
  const estimate = (values: Float64Array): Estimate => {
    const finite = values.subarray(1).filter((value) => !Number.isNaN(value));
    return estimateOf(values[0]!, finite.length > 0 ? finite : values.subarray(0, 1), level);
  };
  const both = ({ mapC, mapO }: ResampledMap): MapEstimates => ({
    mapC: estimate(mapC),
    mapO: estimate(mapO),
  });
  const difference = (name: keyof ResampledMap): DifferenceEstimate => {
    const values = own[name].map((value, draw) => value - theirs![name][draw]!);
    return { ...estimate(values), betterShare: shareAboveZero(values.subarray(1)) };
  };
  return {
    ...both(own),
    draws: own.mapC.subarray(1).filter((value) => !Number.isNaN(value)).length,
    ...(theirs && {
      baseline: both(theirs),
      difference: { mapC: difference("mapC"), mapO: difference("mapO") },
    }),
  };
}

function checkedMatrix(scores: NumberArray, labels: NumberArray, numClasses: number): LabelMatrix {
  const matrix = toLabelMatrix("bootstrapMap", scores, labels, numClasses);
  checkEntries(matrix);
  if (matrix.rows > MAX_SAMPLES) {
    throw new RangeError(
      `bootstrapMap: expected at most ${MAX_SAMPLES} samples, got ${matrix.rows}. Pass a random part of them: with so many, intervals are narrow anyway.`,
    );
  }
  return matrix;
}

/** How often each sample is drawn, for every draw. A count above 255 has a probability of less than 1e-500. */
function drawSamples(samples: number, draws: number, seed: number): Uint8Array[] {
  const random = mulberry32(seed);
  return Array.from({ length: draws }, () => {
    const counts = new Uint8Array(samples);
    for (let i = 0; i < samples; i++) counts[Math.floor(random() * samples)]!++;
    return counts;
  });
}

function shareAboveZero(differences: Float64Array): number {
  let share = 0;
  let count = 0;
  for (const difference of differences) {
    if (Number.isNaN(difference)) continue;
    share += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
    count++;
  }
  return count === 0 ? 0.5 : share / count;
}

function checkBootstrap({ draws, level, seed }: { draws: number; level: number; seed: number }): void {
  if (!Number.isInteger(draws) || draws < 1) {
    throw new RangeError(
      `bootstrapMap: expected draws to be a positive whole number, got ${draws}. 1000 is usual.`,
    );
  }
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`bootstrapMap: expected level to be between 0 and 1, got ${level}. 0.95 is usual.`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`bootstrapMap: expected seed to be a whole number, got ${seed}.`);
  }
}
