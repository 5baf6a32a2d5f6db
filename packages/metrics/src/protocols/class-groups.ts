import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ClassMetrics } from "../ranking/class-metrics.js";
import { chanceLevel, meanAveragePrecision } from "../ranking/evaluation.js";
import type { NumberArray } from "../scores/label-matrix.js";

/** mAP of one bucket of classes; null means when none of its classes has an AP. */
export type BucketMap = {
  bucket: string;
  mapC: number | null;
  mapO: number | null;
  /** The mAP(C) of random scores. */
  chance: number | null;
  numClasses: number;
  validClasses: number;
};

/**
 * mAP by groups of classes, for instance rare, common and frequent ones.
 *
 * The overall mAP is the mean over classes, not over buckets.
 *
 * @param perClass from evaluate().
 * @param buckets the bucket of every class, by class index: frequencyGroups(), or names read from a file (LVIS: the `frequency` field, "r", "c" or "f").
 * @returns one entry per bucket, in order of first appearance in `order` and then in `buckets`.
 * @throws CslError `invalid-argument` when the lengths differ.
 */
export function bucketMap(
  perClass: readonly ClassMetrics[],
  buckets: readonly string[],
  options: { order?: readonly string[] } = {},
): BucketMap[] {
  checkOptions("bucketMap", options, { order: true });
  const { order = [] } = options;
  if (buckets.length !== perClass.length) {
    throw new CslError(
      "invalid-argument",
      `bucketMap: expected one bucket per class (${perClass.length}), got ${buckets.length}. Is the class list the same?`,
    );
  }
  const members = new Map<string, ClassMetrics[]>(order.map((bucket) => [bucket, []]));
  perClass.forEach((metrics, c) => {
    const bucket = buckets[c]!;
    const list = members.get(bucket);
    if (list) list.push(metrics);
    else members.set(bucket, [metrics]);
  });
  return [...members].map(([bucket, classes]) => {
    const means = meanAveragePrecision(classes);
    return {
      bucket,
      mapC: means?.mapC ?? null,
      mapO: means?.mapO ?? null,
      chance: chanceLevel(classes)?.mapC ?? null,
      numClasses: classes.length,
      validClasses: means?.validClasses ?? 0,
    };
  });
}

/**
 * Splits the classes into equally large groups by their number of training annotations: "G1" holds the fewest, as in
 * the OpenImages V3 tables (5,000 trainable classes, G1 … G5 of 1,000 each).
 *
 * Equal counts keep the class order; when the classes do not divide evenly, the first groups have one more.
 *
 * @param trainCounts annotations per class.
 * @throws CslError `invalid-argument` when there are more groups than classes.
 */
export function frequencyGroups(trainCounts: NumberArray, options: { groups?: number } = {}): string[] {
  checkOptions("frequencyGroups", options, { groups: true });
  const { groups = 5 } = options;
  const size = trainCounts.length;
  if (!Number.isInteger(groups) || groups < 1 || groups > size) {
    throw new CslError(
      "invalid-argument",
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
