import type { ClassMetrics } from "./class-metrics.js";
import { meanAveragePrecision } from "./mean-average-precision.js";

/** mAP of one bucket of classes; null means when none of its classes has an AP. */
export type BucketMap = {
  bucket: string;
  mapC: number | null;
  mapO: number | null;
  numClasses: number;
  validClasses: number;
};

/**
 * mAP by groups of classes, for instance rare, common and frequent ones.
 *
 * The overall mAP is the mean over classes, not over buckets.
 *
 * @param perClass from evaluate().
 * @param bucketOf the bucket of every class, by class index: frequencyBuckets(), frequencyGroups(), or labels read from
 *   a file (LVIS: the `frequency` field, "r", "c" or "f").
 * @returns one entry per bucket, in order of first appearance in `order` and then in `bucketOf`.
 * @throws RangeError when the lengths differ.
 */
export function bucketMap(
  perClass: readonly ClassMetrics[],
  bucketOf: readonly string[],
  { order = [] }: { order?: readonly string[] } = {},
): BucketMap[] {
  if (bucketOf.length !== perClass.length) {
    throw new RangeError(
      `bucketMap: expected one bucket per class (${perClass.length}), got ${bucketOf.length}. Is the class list the same?`,
    );
  }
  const members = new Map<string, ClassMetrics[]>(order.map((bucket) => [bucket, []]));
  perClass.forEach((metrics, c) => {
    const bucket = bucketOf[c]!;
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
      numClasses: classes.length,
      validClasses: means?.validClasses ?? 0,
    };
  });
}
