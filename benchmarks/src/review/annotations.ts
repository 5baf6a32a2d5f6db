import type { Random } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import type { SceneFeatures } from "./body-features.js";

/** All labels, or so many of each class and sign (FPC). */
export function annotate(
  { labels: truth, numClasses, samples }: SceneFeatures,
  perClass: number,
  random: Random,
): Int8Array {
  if (perClass === 0) return truth.slice();
  const labels = new Int8Array(truth.length).fill(-1);
  for (let c = 0; c < numClasses; c++) {
    const left = [perClass, perClass];
    for (const sample of shuffledIndices(samples, random)) {
      const at = sample * numClasses + c;
      if (left[truth[at]!]!-- > 0) labels[at] = truth[at]!;
    }
  }
  return labels;
}

/** 5 % of the annotated entries say the opposite. */
export function flipped(labels: Int8Array, random: Random): Int8Array {
  const annotated = [...labels.keys()].filter((at) => labels[at] !== -1);
  const order = shuffledIndices(annotated.length, random);
  for (const i of order.subarray(0, Math.round(0.05 * annotated.length))) labels[annotated[i]!]! ^= 1;
  return labels;
}

/** Entries that are asked about, one after the other: their positions, and the labels with the right answers in them. */
export interface Answered {
  labels: Int8Array;
  positives: number;
  hours: number;
}

/** A question takes two seconds, and four more when it is about another class than the one before: the defaults of `rankQuestions`. */
export function answered(
  labels: Int8Array,
  positions: readonly number[],
  { labels: truth, numClasses }: SceneFeatures,
): Answered {
  const filled = labels.slice();
  let [positives, seconds, classIndex] = [0, 0, -1];
  for (const at of positions) {
    filled[at] = truth[at]!;
    positives += truth[at]!;
    seconds += at % numClasses === classIndex ? 2 : 6;
    classIndex = at % numClasses;
  }
  return { labels: filled, positives, hours: seconds / 3600 };
}
