import type { ClassMetrics, SkipReason } from "./class-metrics.js";

/** All numbers are fractions in [0, 1], not percent. */
export type Evaluation = MeanAveragePrecision & {
  /** AP over all annotated entries in one ranking; null unless asked for. */
  micro: number | null;
  /** Mean AP over samples with a positive and a negative (`zero`: over all); null unless asked for, or if none has both. */
  samples: number | null;
  /** The mAP of random scores. */
  chance: { mapC: number; mapO: number };
  numSamples: number;
  numClasses: number;
  /** Number of classes that lack something, by what they lack. */
  skipped: Record<SkipReason, number>;
  /** The same classes by index. */
  skippedClasses: Record<SkipReason, number[]>;
  entries: { positives: number; negatives: number; unannotated: number };
  perClass: ClassMetrics[];
};

/** A running mean over samples. */
export type SampleSum = { sum: number; count: number };

/** From the classes' metrics to the result; a text that says why there is none when no class counts. */
export function summarize({
  perClass,
  micro,
  samples,
  numSamples,
}: {
  perClass: ClassMetrics[];
  micro: number | null;
  samples: SampleSum;
  numSamples: number;
}): Evaluation | string {
  const skippedClasses = mapReasons((reason) =>
    perClass.filter(({ skipped }) => skipped === reason).map(({ index }) => index),
  );
  const skipped = mapReasons((reason) => skippedClasses[reason].length);
  const total = (name: "positives" | "negatives"): number =>
    perClass.reduce((sum, own) => sum + own[name], 0);
  const positives = total("positives");
  const negatives = total("negatives");
  const means = meanAveragePrecision(perClass);
  const chance = chanceLevel(perClass);
  if (means === null || chance === null) {
    return (
      `expected at least one class with an annotated positive and an annotated negative, got none of ${perClass.length} ` +
      `(${reasons.map((reason) => `${skipped[reason]} ${reasonWords[reason]}`).join(", ")}). ` +
      `Evaluate more samples, or pass emptyClass: "zero".`
    );
  }
  return {
    ...means,
    micro,
    samples: samples.count === 0 ? null : samples.sum / samples.count,
    chance: { mapC: chance.mapC, mapO: chance.mapO },
    numSamples,
    numClasses: perClass.length,
    skipped,
    skippedClasses,
    entries: { positives, negatives, unannotated: numSamples * perClass.length - positives - negatives },
    perClass,
  };
}

const reasonWords: Record<SkipReason, string> = {
  noLabels: "without labels",
  noPositives: "without positives",
  noNegatives: "without negatives",
  fewPositives: "with too few positives",
  notCounted: "not to be counted",
};

const reasons = /* @__PURE__ */ Object.keys(reasonWords) as SkipReason[];

function mapReasons<T>(value: (reason: SkipReason) => T): Record<SkipReason, T> {
  return Object.fromEntries(reasons.map((reason) => [reason, value(reason)])) as Record<SkipReason, T>;
}

/** mAP over a set of classes. */
type MeanAveragePrecision = {
  /** mAP(C): plain mean of the classes' AP. */
  mapC: number;
  /** mAP(O): mean weighted by the classes' annotated positives. */
  mapO: number;
  /** How many classes count. */
  validClasses: number;
};

/** Both means over the classes that have an AP; null when none has. */
export function meanAveragePrecision(perClass: readonly ClassMetrics[]): MeanAveragePrecision | null {
  return weightedMeans(perClass, ({ ap }) => ap!);
}

/**
 * The mAP that random scores reach in expectation: AP of a random ranking is close to the class's share of positives
 * (slightly above it for few entries). State it beside a small data set's result.
 *
 * @returns the two means over the classes with an AP; null when none has.
 */
export function chanceLevel(perClass: readonly ClassMetrics[]): MeanAveragePrecision | null {
  return weightedMeans(
    perClass,
    ({ positives, negatives }) => positives / Math.max(positives + negatives, 1),
  );
}

function weightedMeans(
  perClass: readonly ClassMetrics[],
  value: (metrics: ClassMetrics) => number,
): MeanAveragePrecision | null {
  const valid = perClass.filter(({ ap }) => ap !== null);
  if (valid.length === 0) return null;
  let sum = 0;
  let weighted = 0;
  let positives = 0;
  for (const metrics of valid) {
    sum += value(metrics);
    weighted += value(metrics) * metrics.positives;
    positives += metrics.positives;
  }
  return {
    mapC: sum / valid.length,
    mapO: positives === 0 ? 0 : weighted / positives,
    validClasses: valid.length,
  };
}
