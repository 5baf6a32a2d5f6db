import { expect, test } from "vitest";
import type { ClassCounts } from "./annotation-bias.js";
import { recommendMode } from "./recommend-mode.js";

/** Frequencies as in nature: from `most` on, each class a constant part of the one before, but for the last at 0.2 %. */
const frequencies = (classes: number, most: number): number[] =>
  Array.from({ length: classes }, (_, c) => Math.max(0.002, most * 0.93 ** c));

/** Every cell is annotated with the same chance, whatever it holds. */
const fair = (images: number, share: number, classes: number, most: number): ClassCounts[] =>
  frequencies(classes, most).map((frequency) => ({
    positives: Math.round(images * share * frequency),
    negatives: Math.round(images * share * (1 - frequency)),
  }));

/** As many positives as negatives, `count` of each where there are so many. */
const fixed = (images: number, count: number, classes: number, most: number): ClassCounts[] =>
  frequencies(classes, most).map((frequency) => ({
    positives: Math.min(count, Math.round(images * frequency)),
    negatives: Math.min(count, Math.round(images * (1 - frequency))),
  }));

const recommend = (images: number, classes: ClassCounts[], complete?: number[]) => {
  const annotated = classes.reduce((sum, { positives, negatives }) => sum + positives + negatives, 0);
  return recommendMode({
    classes,
    unannotated: images * classes.length - annotated,
    samples: images,
    complete,
  });
};

// The published settings at their sizes (the advice must agree with the published order), and small sets.
test.each<[string, number, ClassCounts[], string, string]>([
  ["FPC(1000) on COCO 2014", 82_081, fixed(82_081, 1000, 80, 0.5), "selective", "negative"],
  ["RPS(0.5) on COCO 2014", 82_081, fair(82_081, 0.5, 80, 0.5), "ignore", "ignore"],
  ["RPS(0.9) on COCO 2014", 82_081, fair(82_081, 0.1, 80, 0.5), "selective", "ignore"],
  [
    "OpenImages V6",
    9_000_000,
    Array.from({ length: 9605 }, (_, c) => ({
      positives: 200 + (c % 50) * 90,
      negatives: 900 + (c % 37) * 160,
    })),
    "selective",
    "negative",
  ],
  [
    "positives only",
    1000,
    fair(1000, 1, 80, 0.5).map((one) => ({ ...one, negatives: 0 })),
    "negative",
    "negative",
  ],
  ["full COCO", 82_081, fair(82_081, 1, 80, 0.5), "ignore", "ignore"],
  ["a fair half of 12 frequent classes", 4000, fair(4000, 0.5, 12, 0.6), "ignore", "ignore"],
  ["a fair tenth of 12 frequent classes", 4000, fair(4000, 0.1, 12, 0.6), "selective", "ignore"],
  ["a fair half of 6 classes in every second image", 2000, fair(2000, 0.5, 6, 0.9), "ignore", "ignore"],
  ["as many positives as negatives of 12 classes", 4000, fixed(4000, 200, 12, 0.6), "selective", "negative"],
])("%s", (_name, images, classes, mode, alone) => {
  expect(recommend(images, classes)).toMatchObject({ mode, alone });
});

test("frequencies of completely labelled images decide, where there are some", () => {
  const classes = Array.from({ length: 12 }, () => ({ positives: 100, negatives: 100 })); // 6 classes in an image
  expect(recommend(4000, classes, Array(12).fill(0.1))).toMatchObject({ alone: "negative" });
  expect(recommend(4000, classes, Array(12).fill(0.5))).toMatchObject({ alone: "ignore" });
});

test("where most classes are frequent a prior threshold comes along that a quarter of them is above", () => {
  const classes = fair(4000, 0.1, 12, 0.6); // frequencies 0.6, 0.558, 0.519, 0.483 (the fourth), …
  expect(recommend(4000, classes).priorThreshold).toBe(0.49);
  expect(recommend(82_081, fair(82_081, 0.1, 80, 0.3))).not.toHaveProperty("priorThreshold");
  // 80 classes, a tenth annotated: 72 an image are not, of which 5 are few. Of 12 classes 10.8 are not.
  expect(recommend(82_081, fair(82_081, 0.1, 80, 0.3))).not.toHaveProperty("likelihoodTopk");
  expect(recommend(4000, fair(4000, 0.1, 12, 0.3)).likelihoodTopk).toBe(2);
});

test("positive-only data: the reason names the prior of 1", () => {
  const classes = Array.from({ length: 3 }, () => ({ positives: 3, negatives: 0 }));
  expect(recommendMode({ classes, unannotated: 9, samples: 3 }).reason).toContain("would be 1");
});
