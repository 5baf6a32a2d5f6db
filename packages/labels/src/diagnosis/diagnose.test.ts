import type { Label } from "@csl/internal/labels/label";
import { expect, test } from "vitest";
import { ClassList } from "../class-list.js";
import { labelTableFromDense } from "../label-table-from-dense.js";
import { diagnose } from "./diagnose.js";
import { formatDiagnosis } from "./format-diagnosis.js";
import { recommendModeFor } from "./recommend-mode-for.js";

const classes = ClassList.from([
  { id: "1", name: "person" },
  { id: "2", name: "mouse" },
  { id: "3", name: "mouse" },
  { id: "4", name: "toaster" },
]);
// columns: person 2 positive 1 negative; mouse(2) 1 positive; mouse(3) 2 negative; toaster nothing. Last row empty.
const rows = [1, 1, 0, -1, 1, -1, 0, -1, 0, -1, -1, -1, -1, -1, -1, -1];
const table = (defaultLabel: Label = -1) =>
  labelTableFromDense(classes, ["a", "b", "c", "a"], rows, { defaultLabel });

test.each([-1, 0, 1] as Label[])("counts by hand (default %d)", (defaultLabel) => {
  const other = table().select([1]);
  const d = diagnose(table(defaultLabel), { other, names: { table: "train", other: "val" } });
  expect(d).toMatchObject({
    samples: 4,
    classes: 4,
    positives: 3,
    negatives: 3,
    unannotated: 10,
    annotatedShare: 6 / 16,
    negativesPerPositive: 1,
    // per class 3, 1, 2, 0 of 4; per sample 3, 2, 1, 0 of 4
    classShare: { least: 0, median: 1.5 / 4, most: 3 / 4 },
    sampleShare: { least: 0, median: 1.5 / 4, most: 3 / 4 },
    samplesWithoutLabels: 1,
    withoutPositives: ["3", "4"],
    withoutNegatives: ["2", "4"],
    withoutLabels: ["4"],
    duplicates: { count: 1, examples: ["a"] },
    repeatedNames: ["mouse"],
    overlap: { with: "val", count: 1, share: 1 / 4, examples: ["b"] },
  });
  expect(d.perClass[0]).toEqual({
    id: "1",
    name: "person",
    positives: 2,
    negatives: 1,
    unannotated: 1,
    annotatedShare: 3 / 4,
  });
  expect(d.warnings.join("\n")).toContain("1 sample is also in val (b)");
  expect(d.warnings.join("\n")).toContain("1 class has positives but no annotated negative");
  expect(d.warnings.join("\n")).toContain("2 classes have no positive (1 of them no label at all)");
  expect(JSON.parse(JSON.stringify(d))).toEqual(d);
});

test("the recommended mode alone is the report's, with the frequencies of another table where that is complete", () => {
  const labels = labelTableFromDense(classes, ["a", "b", "c"], [1, 0, 1, 0, 0, 1, 0, 1, -1, -1, -1, -1]);
  const complete = labelTableFromDense(
    classes,
    Array.from({ length: 50 }, (_, i) => `v${i}`),
    new Int8Array(200).fill(0),
  );
  // Two of four classes in each annotated image; in the complete ones none: positives were searched for.
  for (const [options, alone] of [
    [{}, "negative"],
    [{ complete }, "negative"],
    [{ complete: table() }, "negative"],
  ] as const) {
    const recommendation = recommendModeFor(labels, options);
    expect(recommendation).toEqual(diagnose(labels, options).recommendation);
    expect(recommendation.alone).toBe(alone);
  }
  expect(recommendModeFor(labels, { complete }).reason).toContain("completely labelled images have 0.0");
});

test("the page names totals, advice and warnings, within the width", () => {
  const page = formatDiagnosis(diagnose(table(), { names: { table: "train" } }), { width: 70 });
  expect(page).toContain("train · 4 samples × 4 classes");
  expect(page).toContain("annotated      37.5 % of all cells");
  expect(page).toContain("3 positive, 3 negative, 10 un-annotated");
  expect(page).toMatch(/person +2 +1 +1 +75\.0 % {2}/);
  expect(page).toContain("→ Selective (without a second training: negative)");
  expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(75);
});

test("long class lists are shortened", () => {
  const many = ClassList.from(Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, name: `class ${i}` })));
  const page = formatDiagnosis(diagnose(labelTableFromDense(many, ["a"], new Int8Array(100).fill(1))), {
    top: 2,
  });
  expect(page).toContain("… 96 more");
  expect(page).toContain("→ Ignore");
});

test("an empty table is described, not divided by", () => {
  const page = formatDiagnosis(diagnose(labelTableFromDense(classes, [], [])));
  expect(page).not.toMatch(/NaN|Infinity/);
  expect(page).toContain("Nothing is annotated");
});
