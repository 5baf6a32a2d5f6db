import { type Prior, rankCorrelation } from "@csl/partial-loss";
import { percent } from "../terminal/format.js";

/** Below this rank correlation with the annotated positives a prior is told to say little; good ones have 0.6 to 0.95. */
const USEFUL_CORRELATION = 0.3;
/** With fewer classes a correlation is chance. */
const ENOUGH_CLASSES = 5;

/** Spearman's correlation of prior and frequencies; undefined where one of them is the same for all classes. */
export function priorCorrelation(values: Float32Array, shares: Float32Array): number | undefined {
  const constant = (list: Float32Array): boolean => list.every((value) => value === list[0]);
  return constant(values) || constant(shares) ? undefined : rankCorrelation(values, shares);
}

/**
 * What makes a prior useless, in one sentence; undefined for a useful one.
 *
 * @param positives annotated positives by class, in the order of the prior
 */
export function judgePrior({ values }: Pick<Prior, "values">, positives: Uint32Array): string | undefined {
  const first = values[0]!;
  if (values.length > 1 && values.every((value) => value === first))
    return `warning: the prior is ${first.toPrecision(3)} for every class: it does not say which are frequent. Was the temporary model trained?`;
  const correlation = priorCorrelation(values, Float32Array.from(positives));
  if (correlation === undefined || values.length < ENOUGH_CLASSES || correlation >= USEFUL_CORRELATION)
    return undefined;
  return (
    `warning: the prior says little about which classes are frequent: its rank correlation with the annotated positives is ${correlation.toFixed(2)} ` +
    "(1 is the same order). Was the temporary model trained long enough, with --partial-loss-mode ignore and on these classes?"
  );
}

/** A sentence where every class is above a threshold: each un-annotated entry would be ignored. */
export function warnAllAbove({ values }: Pick<Prior, "values">, threshold: number): string | undefined {
  const bar = Math.fround(threshold); // values and comparison are float32, as in the loss
  if (!values.every((value) => value > bar)) return undefined;
  return (
    `warning: the prior of all ${values.length} classes is above ${threshold}, the default of csl train --prior-threshold: every ` +
    `un-annotated entry would be ignored, as in Ignore mode. ${thresholdAdvice(values)}`
  );
}

/** A threshold that leaves about a quarter of the classes above it, in words. */
export function thresholdAdvice(values: Float32Array): string {
  const threshold = quarterThreshold(values);
  const above = values.filter((value) => value > Math.fround(threshold)).length;
  return `Raise --prior-threshold: ${threshold} leaves ${above} of ${values.length} classes (${percent(above / values.length)} %) above it.`;
}

/** The value at a quarter of the classes from the top, in three digits, rounded up. */
function quarterThreshold(values: Float32Array): number {
  const sorted = [...values].sort((a, b) => b - a);
  const value = sorted[Math.floor(sorted.length / 4)]!;
  return Math.min(1, Math.ceil(value * 1000) / 1000);
}
