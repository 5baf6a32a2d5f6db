import { expect, test } from "vitest";
import { recommendMode } from "./recommend-mode.js";

const counts = { labelledClasses: 80, withoutNegatives: 0 };

// The published settings, with their numbers of labels: the advice must agree with the published order.
test.each([
  [
    "FPC(1000) on COCO 2014",
    { ...counts, positives: 65_000, negatives: 80_000, unannotated: 6_421_480 },
    "selective",
    "negative",
  ],
  [
    "RPS(0.5) on COCO 2014",
    { ...counts, positives: 120_500, negatives: 3_162_740, unannotated: 3_283_240 },
    "ignore",
    "ignore",
  ],
  [
    "RPS(0.9) on COCO 2014",
    { ...counts, positives: 24_100, negatives: 632_548, unannotated: 5_909_832 },
    "selective",
    "ignore",
  ],
  [
    "OpenImages V6",
    {
      labelledClasses: 9605,
      withoutNegatives: 0,
      positives: 19_856_086,
      negatives: 37_668_266,
      unannotated: 8.6e10,
    },
    "selective",
    "negative",
  ],
  [
    "positives only",
    { labelledClasses: 80, withoutNegatives: 80, positives: 241_035, negatives: 0, unannotated: 6_325_445 },
    "negative",
    "negative",
  ],
  ["full COCO", { ...counts, positives: 241_035, negatives: 6_325_445, unannotated: 0 }, "ignore", "ignore"],
] as const)("%s", (_name, given, mode, alone) => {
  expect(recommendMode(given)).toMatchObject({ mode, alone });
});

test("positive-only data: the reason names the prior of 1", () => {
  const { reason } = recommendMode({
    labelledClasses: 3,
    withoutNegatives: 3,
    positives: 9,
    negatives: 0,
    unannotated: 9,
  });
  expect(reason).toContain("would be 1");
});
