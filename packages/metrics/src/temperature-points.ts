import type { ClassKeys } from "./class-keys.js";
import { scoreOfKey } from "./threshold-below.js";

/** Logits with how often each occurs, and the sum of the logits of the positives: all that the log loss depends on. */
export type LogitPoints = { logits: Float64Array; counts: Float64Array; positiveSum: number };

/** Infinite logits would make sums NaN; at this size, an exponential is 0 or infinite under every temperature. */
const LARGEST_LOGIT = 1e5;

const clamped = (key: number): number => Math.min(Math.max(scoreOfKey(key), -LARGEST_LOGIT), LARGEST_LOGIT);

/** The logits of one class, every one a point. */
export function classPoints(parts: readonly ClassKeys[]): LogitPoints {
  const logits = new Float64Array(parts.reduce((sum, { numAnnotated }) => sum + numAnnotated, 0));
  let at = 0;
  let positiveSum = 0;
  for (const { annotated, numAnnotated, positives, numPositives } of parts) {
    for (let i = 0; i < numAnnotated; i++) logits[at++] = clamped(annotated[i]!);
    for (let i = 0; i < numPositives; i++) positiveSum += clamped(positives[i]!);
  }
  return { logits, counts: new Float64Array(logits.length).fill(1), positiveSum };
}

const SHIFT = 10;
const SMALLEST = 0x35800000; // 2^-20 as float32 bits
const LARGEST = 0x48000000; // 2^17, beyond the largest logit
const PER_SIGN = ((LARGEST - SMALLEST) >> SHIFT) + 1;

/**
 * The logits of any number of classes as at most 606,000 points: those that agree in all but the last ten bits (1/8192 of
 * their power of two) are replaced by their mean. The loss changes by less than 1e-8 of it.
 */
export function pooledPoints(classes: Iterable<readonly ClassKeys[]>): LogitPoints {
  const counts = new Float64Array(2 * PER_SIGN + 1);
  const sums = new Float64Array(counts.length);
  let positiveSum = 0;
  for (const parts of classes) {
    for (const { annotated, numAnnotated, positives, numPositives } of parts) {
      for (let i = 0; i < numAnnotated; i++) {
        const cell = cellOf(annotated[i]!);
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

function cellOf(key: number): number {
  const size = key < 0 ? -key : key;
  if (size < SMALLEST) return PER_SIGN;
  const step = Math.min((size - SMALLEST) >> SHIFT, PER_SIGN - 1) + 1;
  return key < 0 ? PER_SIGN - step : PER_SIGN + step;
}
