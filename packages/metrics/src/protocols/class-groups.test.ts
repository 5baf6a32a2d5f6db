import { expect, test } from "vitest";
import type { ClassMetrics } from "../ranking/class-metrics.js";
import { bucketMap, frequencyGroups } from "./class-groups.js";

const metrics = (index: number, ap: number | null, positives = 1): ClassMetrics => ({
  index,
  ap,
  positives,
  negatives: 1,
  skipped: ap === null ? "noPositives" : null,
});

test("mAP per bucket, with the empty one said", () => {
  const perClass = [metrics(0, 0.2, 3), metrics(1, 0.6, 1), metrics(2, null), metrics(3, 1)];
  const buckets = bucketMap(perClass, ["c", "c", "r", "f"], { order: ["r", "c", "f"] });
  expect(buckets.map(({ bucket }) => bucket)).toEqual(["r", "c", "f"]);
  expect(buckets[0]).toMatchObject({ mapC: null, mapO: null, numClasses: 1, validClasses: 0 });
  expect(buckets[1]!.mapC).toBeCloseTo(0.4, 12);
  expect(buckets[1]!.mapO).toBeCloseTo((3 * 0.2 + 0.6) / 4, 12);
  // Random scores reach the share of positives: (3 / 4 + 1 / 2) / 2.
  expect(buckets.map(({ chance }) => chance)).toEqual([null, 0.625, 0.5]);
  expect(buckets[2]).toMatchObject({ mapC: 1, numClasses: 1, validClasses: 1 });
  expect(() => bucketMap(perClass, ["c"])).toThrow("expected one bucket per class (4), got 1");
});

test("G1 holds the classes with the fewest annotations", () => {
  expect(frequencyGroups([50, 10, 40, 20, 30, 60, 5, 70, 80, 90])).toEqual([
    "G3",
    "G1",
    "G3",
    "G2",
    "G2",
    "G4",
    "G1",
    "G4",
    "G5",
    "G5",
  ]);
  expect(frequencyGroups([3, 2, 1], { groups: 2 })).toEqual(["G2", "G1", "G1"]);
  expect(() => frequencyGroups([1, 2])).toThrow("expected 1 to 2 groups (the number of classes), got 5");
});
