import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findLabelErrors } from "./find-label-errors.js";

const golden = JSON.parse(readFileSync(new URL("../../fixtures/label-errors.json", import.meta.url), "utf8"));
const { probabilities, labels, classes: numClasses } = golden;

it("has the confident joints and the ranking of cleanlab, one class against the rest", () => {
  const { entries, joints, estimated } = findLabelErrors({ probabilities, labels, numClasses });
  joints.forEach((joint, c) => {
    const [[absentAbsent, absentPresent], [presentAbsent, presentPresent]] = golden.joints[c];
    expect(joint?.absentAbsent).toBeCloseTo(absentAbsent, 6);
    expect(joint?.absentPresent).toBeCloseTo(absentPresent, 6);
    expect(joint?.presentAbsent).toBeCloseTo(presentAbsent, 6);
    expect(joint?.presentPresent).toBeCloseTo(presentPresent, 6);
  });
  expect(estimated).toBeCloseTo(7.555555556 + 4 + 16.276595745 + 6 + 5.428571429 + 3.384615385, 6);
  const worst = entries.slice(0, 20).map(({ sample, classIndex }) => sample * numClasses + classIndex);
  expect(worst).toEqual(golden.worst);
});

it("leaves un-annotated and unknown entries out, and classes that lack one label", () => {
  const found = findLabelErrors({
    probabilities: [0.9, 0.9, 0.1, 0.2, 0.8, 0.3, Number.NaN, 0.1, 0.5],
    labels: [1, 1, -1, 0, 1, 1, 0, 1, -1],
    numClasses: 3,
    count: 9,
  });
  // Class 0: labels 1 (0.9) and 0 (0.2), both where they belong. Classes 1 and 2 have no negative.
  expect(found.entries).toEqual([
    { sample: 1, classIndex: 0, label: 0, confidence: 0.8, likely: false },
    { sample: 0, classIndex: 0, label: 1, confidence: 0.9, likely: false },
  ]);
  expect(found.joints.slice(1)).toEqual([undefined, undefined]);
  expect(found.estimated).toBe(0);
});

it.each([
  [{ labels: [2, 0], probabilities: [0.1, 0.2] }, /labels 1 .* got 2/],
  [{ labels: [1, 0], probabilities: [1.5, 0.2] }, /probabilities from 0 to 1, got 1.5/],
  [{ labels: [1, 0, 1], probabilities: [0.1, 0.2, 0.3] }, /labels of \[samples \* 2\]/],
])("refuses %j", (input, message) => {
  expect(() => findLabelErrors({ ...input, numClasses: 2 })).toThrow(message);
});
