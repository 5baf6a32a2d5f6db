import { expect, test } from "vitest";
import { chooseSelection } from "./choose-selection.js";
import { type AnnotatedPrior, expectedFrequencies } from "./expected-frequencies.js";

/** As many positives as negatives of each class, as where positives are searched for. */
const sought = { positives: [10, 10], negatives: [10, 10], samples: 100, fair: false };

test("fair annotations: the prior is multiplied until it comes to the annotated positives", () => {
  // 30 positives of 100 · 0.2 + 100 · 0.4 = 60 expected ones: a factor of 1/2
  const given = { prior: [0.2, 0.4], positives: [10, 20], negatives: [90, 80], samples: 200, fair: true };
  const { frequencies, scale } = expectedFrequencies(given);
  expect([...frequencies]).toEqual([0.1, 0.2]);
  expect(scale).toBeCloseTo(0.5, 12);
});

test("positives that were searched for: a class is above the least possible by what the model tells apart", () => {
  // f = 1/2; the least frequency is 10/100, so d = (0.5 − 0.3) / (0.5 − 0.1) = 1/2. The first class: the adjusted count is
  // 0.5 − (0.5 − 0.45) / d = 0.4, of which d is taken, and 1 − d of 0.1.
  const { frequencies } = expectedFrequencies({ ...sought, prior: [0.45, 0.3] });
  expect([...frequencies].map((value) => Number(value.toFixed(12)))).toEqual([0.25, 0.1]);
  // A model that says f of every class tells nothing: d = 0. One that gives the rarest no chance: d = 1.
  expect([...expectedFrequencies({ ...sought, prior: [0.5, 0.5] }).frequencies]).toEqual([0.1, 0.1]);
  expect([...expectedFrequencies({ ...sought, prior: [0.4, 0.1] }).frequencies]).toEqual([0.4, 0.1]);
});

test("a frequency is at least the share of annotated positives and at most what is not negative", () => {
  const given = { prior: [0.01, 0.99], positives: [30, 30], negatives: [30, 30], samples: 100, fair: true };
  expect([...expectedFrequencies(given).frequencies]).toEqual([0.3, 0.7]);
});

test("a class is ignored where its missed positives take more information than its negatives give", () => {
  // Frequencies 0.4 and 0.1 (d = 1/2). Ignored, either has 1 / (1/10 + 1/10) = 5. As negatives there are 90 entries: of the
  // first 30 are missed positives, (1 − 30/90)² / (1/10 + 1/90) = 4 < 5; of the second none, 1 / (1/10 + 1/90) = 9 > 5.
  const chosen = chooseSelection({ ...sought, prior: [0.6, 0.3] });
  expect(chosen).toMatchObject({ ignoredClasses: 1, priorThreshold: 0.45, topK: 0 });
  expect(chosen.missed).toBeCloseTo(0.3, 12);
  expect(chosen.scale).toBeCloseTo((0.4 + 0.1) / (0.6 + 0.3), 12);
});

test("topK is the expected number of missed positives of a sample, without those of ignored classes if they are spared", () => {
  // Twenty classes of 0.4 (each misses 0.3 a sample), one of 0.1.
  const many: AnnotatedPrior = {
    prior: [...Array(20).fill(0.6), 0.3],
    positives: Array(21).fill(10),
    negatives: Array(21).fill(10),
    samples: 100,
    fair: false,
  };
  expect(chooseSelection(many)).toMatchObject({ ignoredClasses: 20, topK: 6 });
  expect(chooseSelection({ ...many, spareIgnored: true })).toMatchObject({ ignoredClasses: 20, topK: 0 });
});

test.each<[string, Partial<AnnotatedPrior>, number]>([
  ["every entry is annotated: nothing to ignore", { positives: [40, 20], negatives: [60, 80] }, 0],
  ["no negative: an ignored class would have nothing that counts as absent", { negatives: [0, 0] }, 0],
  ["equal priors: all or none", { prior: [0.5, 0.5], fair: true }, 2],
])("%s", (_, change, ignoredClasses) => {
  expect(chooseSelection({ ...sought, prior: [0.6, 0.3], ...change })).toMatchObject({ ignoredClasses });
});

test("the threshold divides the float32 values of the prior where it says", () => {
  const prior = Float32Array.of(0.6000001, 0.6, 0.3);
  const { priorThreshold, ignoredClasses } = chooseSelection({
    prior,
    positives: [10, 10, 10],
    negatives: [10, 10, 10],
    samples: 100,
    fair: false,
  });
  expect(prior.filter((value) => value > Math.fround(priorThreshold))).toHaveLength(ignoredClasses);
});

test("counts of other classes are refused", () => {
  expect(() => expectedFrequencies({ ...sought, prior: [0.5] })).toThrow(
    /counts for 1 classes, .* got 2 and 2/,
  );
  expect(() => expectedFrequencies({ ...sought, prior: [0.5, 0.5], samples: 0 })).toThrow(
    /at least one sample/,
  );
});
