import { readFileSync } from "node:fs";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { bootstrapMap } from "../ranking/bootstrap-map.js";
import { evaluate } from "../ranking/evaluate.js";
import { compareScores } from "./compare-scores.js";
import type { Looked } from "./look.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/compare.json", import.meta.url), "utf8"));
const { numClasses, options } = golden;
const labels = Int8Array.from(golden.labels);
const settings: Float32Array[][] = golden.settings.map((runs: number[][]) =>
  runs.map((run) => Float32Array.from(run)),
);
const groups: (string | undefined)[] = golden.groups.map((group: string | null) => group ?? undefined);
const firstRuns = settings.map(([run]) => [run!]);

const numbers = ({ value, standardError, low, high, p, corrected }: Looked): number[] => [
  ...[value, standardError, low, high, p],
  ...[corrected.low, corrected.high, corrected.p],
];

test.each([
  ["models", firstRuns],
  ["seeds", settings],
] as const)("agrees with numpy and scikit-learn: %s", (name, given) => {
  const [comparison] = compareScores({ settings: given, labels, numClasses, groups, ...options }).comparisons;
  const expected = golden[name];
  const close = (own: Looked, theirs: Looked) =>
    expectAllClose(numbers(own), numbers(theirs), { rtol: 1e-9, atol: 1e-12 });
  close(comparison!.mapC, expected.mapC);
  close(comparison!.mapO, expected.mapO);
  expect(comparison!.groups.map(({ group }) => group)).toEqual(Object.keys(expected.groups));
  for (const { group, difference } of comparison!.groups) close(difference, expected.groups[group]);
  const looked = comparison!.perClass.filter(({ difference }) => difference);
  expect(looked.map(({ index }) => String(index))).toEqual(Object.keys(expected.classes));
  expect(looked.length).toBeLessThan(numClasses); // one has too few positives
  for (const { index, difference } of looked) close(difference!, expected.classes[index]);
});

test("the interval of mAP(C) between two settings is numpy's", () => {
  const [comparison] = compareScores({ settings, labels, numClasses, ...options }).comparisons;
  // Of fixtures/compare.json, so that a change of the file is seen here.
  expect([comparison!.mapC.low, comparison!.mapC.high].map((end) => end.toFixed(4))).toEqual([
    "0.1231",
    "0.2322",
  ]);
});

test("two models: values are evaluate's, errors are those of bootstrapMap", () => {
  const [[a], [b]] = firstRuns as [[Float32Array], [Float32Array]];
  const { settings: scores, comparisons } = compareScores({
    settings: firstRuns,
    labels,
    numClasses,
    seed: 3,
  });
  const { mapC, mapO } = evaluate({ scores: b, labels, numClasses });
  expect([scores[1]!.mapC.value, scores[1]!.mapO.value]).toEqual([mapC, mapO]);
  const { difference } = bootstrapMap({ scores: b, baseline: a, labels, numClasses, seed: 3 });
  expect(comparisons[0]!.mapC.value).toBeCloseTo(difference!.mapC.value, 12);
  expect(comparisons[0]!.mapC.standardError).toBeCloseTo(difference!.mapC.standardError, 12);
  expect(comparisons[0]!.mapO.standardError).toBeCloseTo(difference!.mapO.standardError, 12);
});

test("says whether it speaks of settings: both need several seeds", () => {
  const about = (a: number, b: number) =>
    compareScores({
      settings: [settings[0]!.slice(0, a), settings[1]!.slice(0, b)],
      ...{ labels, numClasses, draws: 20 },
    }).comparisons[0]!.about;
  expect([about(1, 1), about(3, 1), about(1, 2), about(2, 2)]).toEqual([
    "models",
    "models",
    "models",
    "settings",
  ]);
});

test("more numbers looked at, wider intervals; all comparisons of one call are one family", () => {
  const other = settings[0]!.slice(1, 2);
  const [pair] = compareScores({ settings: firstRuns, labels, numClasses }).comparisons;
  const three = compareScores({ settings: [...firstRuns, other], labels, numClasses });
  const width = ({ corrected: { low, high } }: Looked) => high - low;
  const [a, b] = [pair!.perClass[3]!.difference!, three.comparisons[0]!.perClass[3]!.difference!];
  expect(width(a)).toBeGreaterThan(a.high - a.low);
  expect(width(b)).toBeGreaterThan(width(a));
  expect(three.corrected.classes).toBe(2 * pair!.perClass.filter(({ difference }) => difference).length);
  expect(width(three.comparisons[0]!.mapC)).toBeGreaterThan(width(pair!.mapC));
});

test("a model beside itself differs nowhere", () => {
  const [same] = compareScores({ settings: [firstRuns[0]!, firstRuns[0]!], labels, numClasses }).comparisons;
  expect(same!.mapC).toMatchObject({ value: 0, low: 0, high: 0, p: 1 });
  for (const { difference } of same!.perClass) if (difference) expect(difference.corrected.p).toBe(1);
});

test("the intervals of two settings hold their true difference, as often as they say", () => {
  // One class, separable Gaussians: AP of a run depends on its strength, which differs between seeds; no difference in the mean.
  const random = mulberry32(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const [rows, repeats, seeds] = [120, 80, 3];
  let held = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const truth = Int8Array.from({ length: rows }, (_, i) => Number(i % 4 === 0));
    const hard = truth.map(() => normal() * 100); // of an image, shared by all runs; hundredths
    const run = (strength: number) =>
      Float32Array.from(truth, (label, i) => label * strength + hard[i]! / 100 + 0.5 * normal());
    const setting = () => Array.from({ length: seeds }, () => run(1.2 + 0.2 * normal()));
    const given = [setting(), setting()];
    const { mapC } = compareScores({ settings: given, labels: truth, numClasses: 1, draws: 100 })
      .comparisons[0]!;
    if (mapC.low <= 0 && mapC.high >= 0) held++;
  }
  // 95 % of 80 is 76, its deviation 1.9.
  expect(held).toBeGreaterThanOrEqual(71);
});

test.each([
  ["one setting", { settings: [firstRuns[0]!] }, /two settings or more/],
  ["a setting without a run", { settings: [firstRuns[0]!, []] }, /at least one run each, got 1 and 0/],
  ["a group too few", { groups: ["a"] }, /a group for each of 6 classes, got 1/],
  ["a level of 1", { level: 1 }, /level/],
  [
    "scores of another length",
    { settings: [[labels.map(() => 1)], [Float32Array.of(1, 2)]] },
    /as many labels as scores/,
  ],
  ["labels without negatives", { labels: labels.map(() => 1) }, /at least one class/],
])("refuses %s", (_, wrong, message) => {
  expect(() => compareScores({ settings: firstRuns, labels, numClasses, ...wrong })).toThrow(message);
});
