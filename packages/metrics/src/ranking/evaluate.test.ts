import { readFileSync } from "node:fs";
import { expectAllClose } from "@csl/test-support";
import { expect, test } from "vitest";
import { type EvaluateOptions, evaluate } from "./evaluate.js";

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), "utf8"));
const reference = fixture("reference-map");
const scikit = fixture("scikit-learn");

/** Both sides are computed in float64 from the same float32 scores. */
const EXACT = { rtol: 1e-12 };

test("equals the reference's AP_partial, mAP and mAP on partial labels", () => {
  const scores = Float32Array.from(reference.scores);
  const partial = Int8Array.from(reference.partial);
  const input = { scores, numClasses: 5, ties: "rank" } as const;
  const result = evaluate({ ...input, labels: partial });
  expectAllClose(
    result.perClass.map(({ ap }) => ap ?? -1),
    reference.apPartial,
    EXACT,
  );
  expectAllClose([100 * result.mapC, 100 * result.mapO], [reference.map, reference.mapMacro], EXACT);
  expect(result.skipped).toMatchObject({ noLabels: 0, noPositives: 1, noNegatives: 1 });
  expect(result.skippedClasses).toMatchObject({ noLabels: [], noPositives: [4], noNegatives: [3] });
  expect(result.validClasses).toBe(3);

  const plain = evaluate({ ...input, labels: Int8Array.from(reference.full), emptyClass: "zero" });
  expectAllClose([100 * plain.mapC], [reference.mAP], EXACT);
  const naive = evaluate({ ...input, labels: partial, emptyClass: "zero", unannotated: "negative" });
  expectAllClose([100 * naive.mapC], [reference.mAPPartialNaive], EXACT);
  expect(naive.entries.unannotated).toBe(0);
});

test("equals scikit-learn on partially annotated, tied scores", () => {
  const result = evaluate({
    scores: Float32Array.from(scikit.scores),
    labels: Int8Array.from(scikit.labels),
    numClasses: scikit.numClasses,
    micro: true,
    samples: true,
  });
  expectAllClose(
    result.perClass.map(({ ap }) => ap!),
    scikit.ap,
    EXACT,
  );
  expectAllClose([result.mapC, result.mapO], [scikit.mapC, scikit.mapO], EXACT);
  expectAllClose([result.micro!, result.samples!], [scikit.micro, scikit.samples], EXACT);
});

// Columns: perfect, no label, no positive, no negative, inverted.
const scores = Float32Array.from([0.9, 0.1, 0.1, 0.1, 0.1, 0.5, 0.1, 0.2, 0.2, 0.5, 0.1, 0.1, 0.3, 0.3, 0.9]);
const labels = Int8Array.from([1, -1, 0, 1, 1, 0, -1, -1, 1, 1, 0, -1, 0, -1, 0]);

test("counts what classes lack, and both empty-class rules", () => {
  const skip = evaluate({ scores, labels, numClasses: 5 });
  // Column 4: ranks 2 and 3 of 3 are positive, AP (1/2 + 2/3) / 2 = 7/12; weights are 1 and 2 positives.
  expect(skip.mapC).toBeCloseTo((1 + 7 / 12) / 2, 12);
  expect(skip.mapO).toBeCloseTo((1 + 2 * (7 / 12)) / 3, 12);
  expect(skip.skipped).toEqual({
    noLabels: 1,
    noPositives: 1,
    noNegatives: 1,
    fewPositives: 0,
    notCounted: 0,
  });
  expect(skip.perClass.map(({ skipped }) => skipped)).toEqual([
    null,
    "noLabels",
    "noPositives",
    "noNegatives",
    null,
  ]);
  expect(skip.entries).toEqual({ positives: 5, negatives: 5, unannotated: 5 });
  expect([skip.numSamples, skip.numClasses, skip.micro, skip.samples]).toEqual([3, 5, null, null]);
  const zero = evaluate({ scores, labels, numClasses: 5, emptyClass: "zero" });
  expect(zero.mapC).toBeCloseTo((1 + 0 + 0 + 1 + 7 / 12) / 5, 12);
  expect(zero.validClasses).toBe(5);
  const rule = (options: EvaluateOptions) => evaluate({ scores, labels, numClasses: 5, ...options });
  expect(rule({ emptyClass: "skip-unlabelled" }).mapC).toBeCloseTo((1 + 0 + 1 + 7 / 12) / 4, 12);
  expect(rule({ emptyClass: "skip-without-positives" }).mapC).toBeCloseTo((1 + 1 + 7 / 12) / 3, 12);
});

test("support filter and counted classes leave classes out under any rule", () => {
  const two = evaluate({ scores, labels, numClasses: 5, minPositives: 2, emptyClass: "zero" });
  expect(two.perClass.map(({ skipped }) => skipped)).toEqual([
    "fewPositives",
    "noLabels",
    "noPositives",
    "noNegatives",
    null,
  ]);
  expect(two.mapC).toBeCloseTo((0 + 0 + 1 + 7 / 12) / 4, 12);
  const last = evaluate({ scores, labels, numClasses: 5, counts: (c) => c === 4, micro: true });
  expectAllClose([last.mapC, last.micro!], [7 / 12, 7 / 12], EXACT);
  expect(last.skipped.notCounted).toBe(4);
});

test("chance is the positives' share of the valid classes", () => {
  const { chance } = evaluate({ scores, labels, numClasses: 5 });
  expect(chance.mapC).toBeCloseTo((1 / 3 + 2 / 3) / 2, 12);
  expect(chance.mapO).toBeCloseTo((1 * (1 / 3) + 2 * (2 / 3)) / 3, 12);
});

test("labels may lie anywhere in a buffer, and be of any number type", () => {
  const expected = evaluate({ scores, labels, numClasses: 5 });
  for (let offset = 0; offset < 4; offset++) {
    const shifted = new Int8Array(new ArrayBuffer(labels.length + offset), offset);
    shifted.set(labels);
    expect(evaluate({ scores, labels: shifted, numClasses: 5 })).toEqual(expected);
  }
  expect(evaluate({ scores, labels: Float32Array.from(labels), numClasses: 5 })).toEqual(expected);
  expect(evaluate({ scores: Float64Array.from(scores), labels, numClasses: 5 })).toEqual(expected);
});

test("leaves its input alone and can be called again", () => {
  const [scoresBefore, labelsBefore] = [scores.slice(), labels.slice()];
  const first = evaluate({ scores, labels, numClasses: 5, unannotated: "negative", emptyClass: "zero" });
  expect([scores, labels]).toEqual([scoresBefore, labelsBefore]);
  expect(evaluate({ scores, labels, numClasses: 5, unannotated: "negative", emptyClass: "zero" })).toEqual(
    first,
  );
});

test("bad input is named", () => {
  const bad = (change: Partial<Parameters<typeof evaluate>[0]>) => () =>
    evaluate({ scores, labels, numClasses: 5, ...change });
  expect(bad({ numClasses: 4 })).toThrow("expected a positive multiple of numClasses (4) scores, got 15");
  expect(bad({ numClasses: 0 })).toThrow("expected numClasses to be a positive whole number, got 0");
  expect(bad({ labels: labels.slice(1) })).toThrow("expected as many labels as scores (15), got 14");
  expect(bad({ scores: scores.map((s, i) => (i === 7 ? Number.NaN : s)) })).toThrow(
    "got NaN at sample 1, class 2",
  );
  expect(bad({ labels: labels.map((l, i) => (i === 8 ? -2 : l)) })).toThrow("got -2 at sample 1, class 3");
  expect(bad({ emptyClass: "ignore" as "skip" })).toThrow('or "skip-unlabelled" or "zero", got "ignore"');
  expect(bad({ labels: new Int8Array(15) })).toThrow(
    "evaluate: expected at least one class with an annotated positive and an annotated negative, got none of 5 (0 without labels, 5 without positives",
  );
});
