import { CslError } from "@csl/internal/errors/csl-error";
import { type ClassKeys, emptyClassKeys } from "../scores/class-keys.js";
import type { SampleSum } from "./evaluation.js";

/** What an accumulator without un-annotated scores holds. */
export interface AccumulatorState {
  numClasses: number;
  numSamples: number;
  samples: SampleSum;
  classes: ClassKeys[];
}

/** Float64: classes, samples, and the sum and count of the per-sample averages. */
const headerBytes = 4 * 8;

/** The state as bytes, little-endian: the header, two counts for each class, then the keys. */
export function packState({ numClasses, numSamples, samples, classes }: AccumulatorState): Uint8Array {
  const keys = classes.reduce((sum, { numAnnotated, numPositives }) => sum + numAnnotated + numPositives, 0);
  const bytes = new Uint8Array(headerBytes + 4 * (2 * numClasses + keys));
  new Float64Array(bytes.buffer, 0, 4).set([numClasses, numSamples, samples.sum, samples.count]);
  const numbers = new Int32Array(bytes.buffer, headerBytes);
  let at = 2 * numClasses;
  for (const [c, { annotated, numAnnotated, positives, numPositives }] of classes.entries()) {
    numbers.set([numAnnotated, numPositives], 2 * c);
    numbers.set(annotated.subarray(0, numAnnotated), at);
    numbers.set(positives.subarray(0, numPositives), at + numAnnotated);
    at += numAnnotated + numPositives;
  }
  return bytes;
}

/** @throws CslError `invalid-argument` for bytes that `packState` did not make. */
export function unpackState(bytes: Uint8Array): AccumulatorState {
  const whole = bytes.slice(); // at an offset that typed arrays allow
  const [numClasses = 0, numSamples = 0, sum = 0, count = 0] =
    whole.length >= headerBytes ? new Float64Array(whole.buffer, 0, 4) : [];
  const rest = (whole.length - headerBytes) / 4;
  const numbers =
    Number.isInteger(rest) && rest >= 2 * numClasses ? new Int32Array(whole.buffer, headerBytes) : undefined;
  const counts = numbers?.subarray(0, 2 * numClasses);
  const total = counts?.reduce((all, one) => all + one, 2 * numClasses);
  if (!numbers || !counts || total !== numbers.length || counts.some((one) => one < 0))
    throw new CslError(
      "invalid-argument",
      `MetricAccumulator.merge: expected the state of an accumulator, got ${bytes.length} bytes of something else.`,
    );
  let at = 2 * numClasses;
  const next = (length: number): Int32Array => {
    at += length;
    return numbers.slice(at - length, at);
  };
  const classes = Array.from({ length: numClasses }, (_, c) => {
    const [numAnnotated, numPositives] = [counts[2 * c]!, counts[2 * c + 1]!];
    return { annotated: next(numAnnotated), numAnnotated, positives: next(numPositives), numPositives };
  });
  return { numClasses, numSamples, samples: { sum, count }, classes };
}

/** The keys of several parts as one. */
export function mergeKeys(classes: readonly ClassKeys[]): ClassKeys {
  const all = emptyClassKeys(classes.reduce((sum, keys) => sum + keys.numAnnotated, 0));
  all.positives = new Int32Array(classes.reduce((sum, keys) => sum + keys.numPositives, 0));
  for (const { annotated, numAnnotated, positives, numPositives } of classes) {
    all.annotated.set(annotated.subarray(0, numAnnotated), all.numAnnotated);
    all.positives.set(positives.subarray(0, numPositives), all.numPositives);
    all.numAnnotated += numAnnotated;
    all.numPositives += numPositives;
  }
  return all;
}
