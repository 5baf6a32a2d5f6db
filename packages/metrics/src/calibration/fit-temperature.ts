import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { missingLabels } from "../ranking/class-metrics.js";
import {
  type AnnotatedScores,
  annotatedScores,
  countSupport,
  type ScoreSource,
} from "../scores/annotated-scores.js";
import { type ClassKeys, keyToScore, relativeBin } from "../scores/class-keys.js";

type FitTemperatureOptions = {
  /** Also one temperature per class. Default false. */
  perClass?: boolean;
  /**
   * A class with n annotated positives, fewer than this, goes n / minPositives of the way (on a logarithmic scale) from
   * the shared temperature to its own. Default 10.
   */
  minPositives?: number;
};

type FittedTemperature = {
  /** Divide logits by it; above 1 the model is overconfident. Within [0.01, 100]. */
  temperature: number;
  /** Mean log loss of the annotated entries before (temperature 1) and after. */
  logLoss: { before: number; after: number };
  /** One per class where asked for; a class that lacks positives or negatives has the shared one. */
  perClass?: Float64Array;
};

/** Log loss has no minimum where the logits separate the labels, or point the wrong way: the search ends here. */
const LIMIT = 100;

/**
 * Temperature scaling: the T that minimises the log loss of sigmoid(logit / T) over the annotated entries. Ranking, and
 * with it AP, stays what it was.
 *
 * @param source logits (not probabilities) and labels, or a MetricAccumulator that holds them.
 * @throws CslError `invalid-argument` on invalid scores or labels, or when nothing is annotated.
 * @see Guo et al. 2017, On Calibration of Modern Neural Networks, section 4.2.
 */
export function fitTemperature(source: ScoreSource, options: FitTemperatureOptions = {}): FittedTemperature {
  checkOptions("fitTemperature", options, { perClass: true, minPositives: true });
  const { perClass = false, minPositives = 10 } = options;
  const held = annotatedScores("fitTemperature", source);
  const classes = Array.from({ length: held.numClasses }, (_, index) => held.forClass(index));
  const points = pooledPoints(classes);
  if (points.logits.length === 0) {
    throw new CslError(
      "invalid-argument",
      `fitTemperature: expected at least one annotated entry, got none in ${held.numSamples} samples. Evaluate annotated samples.`,
    );
  }
  const temperature = 1 / bestScale(points);
  const logLoss = { before: meanLogLoss(points, 1), after: meanLogLoss(points, 1 / temperature) };
  if (!perClass) return { temperature, logLoss };
  return { temperature, logLoss, perClass: classTemperatures(held, temperature, minPositives) };
}

function classTemperatures(held: AnnotatedScores, shared: number, minPositives: number): Float64Array {
  return Float64Array.from({ length: held.numClasses }, (_, index) => {
    const parts = held.forClass(index);
    const { positives, negatives } = countSupport(parts);
    if (missingLabels(positives, negatives) !== null) return shared;
    const own = 1 / bestScale(classPoints(parts));
    return shared * (own / shared) ** Math.min(1, positives / Math.max(minPositives, 1));
  });
}

/**
 * The scale a = 1 / T with the least log loss. The loss is convex in a, so its slope rises through zero once: Newton's
 * steps within a bracket that every slope narrows, halved (on a logarithmic scale) where a step would leave it.
 */
function bestScale(points: LogitPoints): number {
  if (points.logits.every((logit) => logit === 0)) return 1; // any would do
  let low = 1 / LIMIT;
  let high = LIMIT;
  let scale = 1;
  for (let step = 0; step < 100; step++) {
    const { slope, curvature } = slopeAt(points, scale);
    if (slope > 0) high = scale;
    else low = scale;
    const newton = scale - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - scale) <= 1e-10 * scale) return next;
    scale = next;
  }
  return scale;
}

/** First and second derivative of Σ log(1 + e^(a x)) - a Σ_positives x. */
function slopeAt(
  { logits, counts, positiveSum }: LogitPoints,
  scale: number,
): { slope: number; curvature: number } {
  let slope = -positiveSum;
  let curvature = 0;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    const p = 1 / (1 + Math.exp(-scale * logit));
    const weighted = counts[i]! * p * logit;
    slope += weighted;
    curvature += weighted * (1 - p) * logit;
  }
  return { slope, curvature };
}

function meanLogLoss({ logits, counts, positiveSum }: LogitPoints, scale: number): number {
  let loss = -scale * positiveSum;
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const scaled = scale * logits[i]!;
    // log(1 + e^z) = max(z, 0) + log(1 + e^-|z|)
    loss += counts[i]! * (Math.max(scaled, 0) + Math.log1p(Math.exp(-Math.abs(scaled))));
    total += counts[i]!;
  }
  return loss / total;
}

/** Logits with how often each occurs, and the sum of the logits of the positives: all that the log loss depends on. */
type LogitPoints = { logits: Float64Array; counts: Float64Array; positiveSum: number };

/** Infinite logits would make sums NaN; at this size, an exponential is 0 or infinite under every temperature. */
const LARGEST_LOGIT = 1e5;

const clamped = (key: number): number => Math.min(Math.max(keyToScore(key), -LARGEST_LOGIT), LARGEST_LOGIT);

/** The logits of one class, every one a point. */
function classPoints(parts: readonly ClassKeys[]): LogitPoints {
  const logits = new Float64Array(parts.reduce((sum, { numAnnotated }) => sum + numAnnotated, 0));
  let at = 0;
  let positiveSum = 0;
  for (const { annotated, numAnnotated, positives, numPositives } of parts) {
    for (let i = 0; i < numAnnotated; i++) logits[at++] = clamped(annotated[i]!);
    for (let i = 0; i < numPositives; i++) positiveSum += clamped(positives[i]!);
  }
  return { logits, counts: new Float64Array(logits.length).fill(1), positiveSum };
}

const SMALLEST = 0x35800000; // 2^-20 as float32 bits
const SHIFT = 10;
const PER_SIGN = 303_105; // 1 + (bits of 2^17, beyond the largest logit, - SMALLEST) / 2^SHIFT

/**
 * The logits of any number of classes as at most 606,000 points: those that agree in all but the last ten bits (1/8192 of
 * their power of two) are replaced by their mean. The loss changes by less than 1e-8 of it.
 */
function pooledPoints(classes: Iterable<readonly ClassKeys[]>): LogitPoints {
  const counts = new Float64Array(2 * PER_SIGN + 1);
  const sums = new Float64Array(counts.length);
  let positiveSum = 0;
  for (const parts of classes) {
    for (const { annotated, numAnnotated, positives, numPositives } of parts) {
      for (let i = 0; i < numAnnotated; i++) {
        const cell = relativeBin(annotated[i]!, SMALLEST, SHIFT, PER_SIGN);
        counts[cell]!++;
        sums[cell]! += clamped(annotated[i]!);
      }
      for (let i = 0; i < numPositives; i++) positiveSum += clamped(positives[i]!);
    }
  }
  const used = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const points = { logits: new Float64Array(used), counts: new Float64Array(used), positiveSum };
  for (let cell = 0, at = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0) continue;
    points.counts[at] = counts[cell]!;
    points.logits[at++] = sums[cell]! / counts[cell]!;
  }
  return points;
}
