import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { NumberArray } from "../scores/label-matrix.js";
import { checkBootstrap, drawableMatrix } from "./check-bootstrap.js";
import { drawSamples } from "./draw-samples.js";
import { quantile } from "./quantile.js";
import { type CountedClasses, type ResampledMap, resampledMap } from "./resampled-map.js";

type BootstrapOptions = CountedClasses & {
  /** Scores of another run on the same samples [rows * numClasses], to be compared with. */
  baseline?: NumberArray;
  /** How many times samples are drawn, default 1000. */
  draws?: number;
  /** Share of the draws within an interval, default 0.95. */
  level?: number;
  /** The same seed draws the same samples. Default 1. */
  seed?: number;
};

type BootstrapInput = BootstrapOptions & {
  /** [rows * numClasses] row-major; logits or probabilities. */
  scores: NumberArray;
  /** [rows * numClasses] 1, 0 or -1. */
  labels: NumberArray;
  numClasses: number;
};

/** A number with what resampling says about it. */
type Estimate = {
  /** On the samples as they are. */
  value: number;
  /** Percentile interval of the draws at the asked level. */
  low: number;
  high: number;
  /** Standard deviation of the draws. */
  standardError: number;
};

type MapEstimates = { mapC: Estimate; mapO: Estimate };

/** A difference, and in which share of the draws it is above zero (a tie counts half). */
type DifferenceEstimate = Estimate & { betterShare: number };

type BootstrapMap = MapEstimates & {
  /** Draws that had a class to score: all of them, except on tiny data. */
  draws: number;
  /** With a baseline: its own numbers, and `scores` minus baseline, draw by draw on the same samples. */
  baseline?: MapEstimates;
  difference?: { mapC: DifferenceEstimate; mapO: DifferenceEstimate };
};

/**
 * How much mAP(C) and mAP(O) depend on which samples are in the set: percentile intervals over draws of as many
 * samples with replacement. With a `baseline`, the difference of two runs on the same draws, which is far narrower than
 * the two intervals, because the same hard samples count in both.
 *
 * Ties are grouped, classes that lack positives or negatives (in the set, or in a draw) are left out, as in evaluate().
 *
 * @throws CslError `invalid-argument` on NaN scores, labels outside {1, 0, -1}, wrong lengths, options out of range, or
 *   when no class can be scored; `unknown-option`.
 * @see Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 16.
 */
export function bootstrapMap(input: BootstrapInput): BootstrapMap {
  checkOptions("bootstrapMap", input, {
    scores: true,
    labels: true,
    numClasses: true,
    baseline: true,
    draws: true,
    level: true,
    seed: true,
    counts: true,
    minPositives: true,
  });
  const { scores, labels, numClasses, ...options } = input;
  const { baseline, draws = 1000, level = 0.95, seed = 1 } = options;
  checkBootstrap("bootstrapMap", { draws, level, seed });
  const matrix = drawableMatrix("bootstrapMap", scores, labels, numClasses);
  const other = baseline ? drawableMatrix("bootstrapMap", baseline, labels, numClasses) : undefined;
  // The first "draw" is the set itself, every sample once: it gives the values.
  const drawn = [new Uint8Array(matrix.rows).fill(1), ...drawSamples(matrix.rows, draws, seed)];
  const own = resampledMap(matrix, drawn, options);
  if (Number.isNaN(own.mapC[0])) {
    throw new CslError(
      "invalid-argument",
      "bootstrapMap: expected at least one class with an annotated positive and an annotated negative, got none. Pass more samples.",
    );
  }
  const theirs = other && resampledMap(other, drawn, options);
  const estimate = (values: Float64Array): Estimate => {
    const finite = values.subarray(1).filter((value) => !Number.isNaN(value));
    return summarizeDraws(values[0]!, finite.length > 0 ? finite : values.subarray(0, 1), level);
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

/** @param draws at least one finite number @param level share of the draws within the interval */
function summarizeDraws(value: number, draws: Float64Array, level: number): Estimate {
  const sorted = draws.slice().sort();
  const mean = sorted.reduce((sum, draw) => sum + draw, 0) / sorted.length;
  const squares = sorted.reduce((sum, draw) => sum + (draw - mean) ** 2, 0);
  return {
    value,
    low: quantile(sorted, (1 - level) / 2),
    high: quantile(sorted, (1 + level) / 2),
    standardError: Math.sqrt(squares / Math.max(sorted.length - 1, 1)),
  };
}
