import type { NumberArray } from "./number-array.js";

/**
 * Splits the classes into equally large groups by their number of training annotations: "G1" holds the fewest, as in
 * the OpenImages V3 tables (5,000 trainable classes, G1 … G5 of 1,000 each).
 *
 * Equal counts keep the class order; when the classes do not divide evenly, the first groups have one more.
 *
 * @param trainCounts annotations per class.
 * @throws RangeError when there are more groups than classes.
 */
export function frequencyGroups(
  trainCounts: NumberArray,
  { groups = 5 }: { groups?: number } = {},
): string[] {
  const size = trainCounts.length;
  if (!Number.isInteger(groups) || groups < 1 || groups > size) {
    throw new RangeError(
      `frequencyGroups: expected 1 to ${size} groups (the number of classes), got ${groups}.`,
    );
  }
  const order = Array.from({ length: size }, (_, c) => c);
  order.sort((a, b) => trainCounts[a]! - trainCounts[b]! || a - b);
  const names = new Array<string>(size);
  let start = 0;
  for (let group = 0; group < groups; group++) {
    const end = start + Math.ceil((size - start) / (groups - group));
    for (const c of order.slice(start, end)) names[c] = `G${group + 1}`;
    start = end;
  }
  return names;
}
