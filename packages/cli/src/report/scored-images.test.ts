import { mulberry32 } from "@csl/internal/random/mulberry32";
import { selective } from "@csl/partial-loss";
import { describe, expect, it } from "vitest";
import { ConfusedClasses } from "./confused-classes.js";
import { ignoredEntries } from "./ignored-entries.js";
import { ScoreHistogram } from "./score-histogram.js";
import { ScoredImages } from "./scored-images.js";
import { shrinkImage } from "./shrink-image.js";

const [rows, classes] = [40, 9];

/** Batches of random logits and labels, and images of one colour each. */
function randomBatches(seed: number, count: number) {
  const random = mulberry32(seed);
  return Array.from({ length: count }, (_, b) => ({
    logits: Float32Array.from({ length: rows * classes }, () => 6 * random() - 3),
    batch: {
      images: Uint8Array.from({ length: rows * 4 * 4 * 3 }, (_, i) => Math.floor(i / 48)),
      labels: Int8Array.from({ length: rows * classes }, () => Math.floor(3 * random()) - 1),
      ...{ size: rows, height: 4, width: 4 },
      samples: Array.from({ length: rows }, (_, i) => b * rows + i),
    },
  }));
}

describe("the gallery of a validation", () => {
  const batches = randomBatches(1, 3);
  const scored = new ScoredImages(classes);
  for (const { batch, logits } of batches) scored.add(batch, logits);
  const all = batches.flatMap(({ batch, logits }) =>
    Array.from(logits, (logit, i) => ({
      logit,
      label: batch.labels[i]!,
      classIndex: i % classes,
      sample: batch.samples[Math.floor(i / classes)]!,
    })),
  );

  it.each([
    ["hits", 1, 1],
    ["misses", 1, -1],
    ["falseAlarms", 0, 1],
    ["surprises", -1, 1],
  ] as const)(
    "%s: begins with the extreme of all, no class and no image twice, in order",
    (kind, label, sign) => {
      const { entries } = scored.gallery[kind];
      const extreme = Math.max(
        ...all.filter((entry) => entry.label === label).map(({ logit }) => sign * logit),
      );
      expect(sign * entries[0]!.logit).toBe(extreme);
      expect(new Set(entries.map(({ classIndex }) => classIndex)).size).toBe(entries.length);
      expect(new Set(entries.map(({ sample }) => sample)).size).toBe(entries.length);
      expect(entries.map(({ logit }) => sign * logit)).toEqual(
        entries.map(({ logit }) => sign * logit).sort((a, b) => b - a),
      );
      for (const { classIndex, sample, logit, pixels } of entries) {
        expect(all).toContainEqual({ classIndex, sample, logit, label });
        expect(pixels.data[0]).toBe(sample % rows); // the colour of its image
      }
    },
  );

  it("small images keep colours, of bytes and of floats", () => {
    const bytes = { ...batches[0]!.batch };
    const floats = { ...bytes, images: Float32Array.from(bytes.images, (byte) => byte / 255) };
    expect(shrinkImage(floats, 7)).toEqual(shrinkImage(bytes, 7));
    const large = {
      images: new Uint8Array(200 * 100 * 3).fill(9),
      labels: new Int8Array(1),
      size: 1,
      height: 200,
      width: 100,
    };
    expect(shrinkImage(large, 0)).toEqual({
      data: new Uint8Array(96 * 48 * 3).fill(9),
      width: 48,
      height: 96,
    });
  });
});

it("thresholds: the best F1 of all thresholds, and recall and precision at it", () => {
  const histogram = new ScoreHistogram(1);
  for (const [logit, positive] of [
    [2.05, true],
    [1.05, false],
    [0.55, true],
    [-1.05, true],
    [-2.05, false],
  ] as const)
    histogram.add(0, logit, positive);
  const { best, half } = histogram.decisions(0)!;
  // Four found, three of them positive: F1 = 2 · 3 / (4 + 3). Between -1.05 and -2.05, in eighths of a logit.
  expect(best).toMatchObject({ precision: 3 / 4, recall: 1, f1: 6 / 7 });
  expect(best.threshold).toBeCloseTo(1 / (1 + Math.exp(1.125)), 10);
  // Above 0: two of three are positive, two of three positives are found.
  expect(half).toMatchObject({ threshold: 0.5, precision: 2 / 3, recall: 2 / 3, f1: 4 / 6 });
  expect(new ScoreHistogram(1).decisions(0)).toBeUndefined();
});

it("reliability: counts every annotated entry, with the share of positives of each bin", () => {
  const histogram = new ScoreHistogram(2);
  for (let i = 0; i < 10; i++) histogram.add(i % 2, 1.2, i < 3);
  histogram.add(0, -30, false);
  expect(histogram.reliability()).toEqual([
    { confidence: expect.closeTo(0, 10), frequency: 0, count: 1 },
    { confidence: expect.closeTo(1 / (1 + Math.exp(-1.2)), 10), frequency: 0.3, count: 10 },
  ]);
});

it("confusion: pairs of a present class with what is found beside it, or instead of it", () => {
  const confused = new ConfusedClasses(10);
  confused.present(1);
  confused.found(2, 3, true);
  confused.found(3, 1, false);
  confused.endImage(new Float32Array(10).fill(5), 0);
  confused.present(1);
  confused.found(2, 1, true);
  confused.endImage(new Float32Array(30).fill(-1), 20);
  expect(confused.largest(5)).toEqual([
    { present: 1, found: 2, wrong: 2, unannotated: 0, instead: 1 },
    { present: 1, found: 3, wrong: 0, unannotated: 1, instead: 0 },
  ]);
});

it("confusion: of many found classes the three likeliest of an image count", () => {
  const confused = new ConfusedClasses(20);
  confused.present(0);
  for (const logit of [3, 9, 1, 7, 5, 8, 2, 6])
    if (logit > confused.floor) confused.found(10 + logit, logit, true);
  confused.endImage(new Float32Array(20).fill(1), 0);
  expect(confused.largest(20).map(({ found }) => found - 10)).toEqual([7, 8, 9]);
});

it("confusion: the counts of many pairs are those of counting one by one", () => {
  const numClasses = 300;
  const random = mulberry32(9);
  const confused = new ConfusedClasses(numClasses);
  const expected = new Map<string, number>();
  for (let image = 0; image < 400; image++) {
    const logits = Float32Array.from({ length: numClasses }, () => random() - 0.5);
    const present = [...new Set(Array.from({ length: 8 }, () => Math.floor(numClasses * random() ** 2)))];
    const found = [...new Set(Array.from({ length: 3 }, () => Math.floor(numClasses * random() ** 2)))];
    for (const c of present) confused.present(c);
    for (const c of found) confused.found(c, 1, true);
    confused.endImage(logits, 0);
    for (const p of present)
      for (const f of found) expected.set(`${p} ${f}`, (expected.get(`${p} ${f}`) ?? 0) + 1);
  }
  const counted = confused.largest(Number.POSITIVE_INFINITY);
  expect(new Map(counted.map(({ present, found, wrong }) => [`${present} ${found}`, wrong]))).toEqual(
    expected,
  );
  expect(counted.length).toBeGreaterThan(5000);
  expect(counted.map(({ wrong }) => wrong)).toEqual(counted.map(({ wrong }) => wrong).sort((a, b) => b - a));
  expect(confused.largest(50)).toEqual(counted.slice(0, 50));
});

it("ignored entries: every un-annotated entry of weight 0 is counted once, by its reason", () => {
  const prior = Float32Array.from({ length: classes }, (_, c) => c / classes);
  const policy = selective({ topK: 2, prior, priorThreshold: 0.5 });
  const { counts, add } = ignoredEntries(policy, classes);
  const expected = { seen: 0, byPrior: 0, byLikelihood: 0 };
  for (const { batch, logits } of randomBatches(2, 2)) {
    add(batch, logits);
    const weights = new Float32Array(logits.length);
    policy.weighValues({ logits, labels: batch.labels, rows, classes }, weights);
    for (const [i, weight] of weights.entries()) {
      if (batch.labels[i] !== -1) continue;
      expected.seen++;
      if (weight === 0) expected[prior[i % classes]! > 0.5 ? "byPrior" : "byLikelihood"]++;
    }
  }
  const sum = (values: Uint32Array): number => values.reduce((total, value) => total + value, 0);
  expect({
    seen: sum(counts.seen),
    byPrior: sum(counts.byPrior),
    byLikelihood: sum(counts.byLikelihood),
  }).toEqual(expected);
  expect(expected.byPrior).toBeGreaterThan(0);
  expect(expected.byLikelihood).toBeGreaterThan(0);
});
