import type { ClassMetrics } from "./class-metrics.js";

/** mAP over a set of classes. */
export type MeanAveragePrecision = {
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
