import type { NumberArray } from "./number-array.js";

/**
 * Names every class's bucket by its count in the training set: bucket i takes counts in [edges[i-1], edges[i]).
 *
 * The defaults are LVIS's: "r" (rare) below 10 training images, "c" (common) 10 to 99, "f" (frequent) from 100.
 *
 * @param trainCounts training images (or positives) per class.
 * @throws RangeError when names and edges do not fit, or edges do not rise.
 * @see lvis-api, the `frequency` field of a category.
 */
export function frequencyBuckets(
  trainCounts: NumberArray,
  {
    edges = [10, 100],
    names = ["r", "c", "f"],
  }: { edges?: readonly number[]; names?: readonly string[] } = {},
): string[] {
  if (names.length !== edges.length + 1) {
    throw new RangeError(
      `frequencyBuckets: expected one name more than edges (${edges.length + 1}), got ${names.length}.`,
    );
  }
  if (!edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)) {
    throw new RangeError(`frequencyBuckets: expected rising edges, got [${edges.join(", ")}].`);
  }
  return Array.from(trainCounts, (count, c) => {
    if (!(count >= 0)) {
      throw new RangeError(`frequencyBuckets: expected counts of at least 0, got ${count} for class ${c}.`);
    }
    const above = edges.findIndex((edge) => count < edge);
    return names[above < 0 ? edges.length : above]!;
  });
}
