import type { Label } from "@csl/internal/labels/label";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { ClassList } from "./class-list.js";
import type { DuplicatePolicy } from "./label-table-builder.js";
import { LabelTableBuilder } from "./label-table-builder.js";
import { labelTableFromDense } from "./label-table-from-dense.js";

const classes = ClassList.from(["cat", "dog", "cow"].map((id) => ({ id, name: id })));

test("labels come in any order; samples keep the order of their first appearance", () => {
  const builder = new LabelTableBuilder(classes);
  builder.add("b", "cow", 1);
  builder.add("a", "dog", 0);
  builder.add("b", "cat", 0);
  expect(builder.addSample("empty")).toBe(2);
  const table = builder.build();
  expect([...table.sampleIds]).toEqual(["b", "a", "empty"]);
  expect([...table.dense([0, 1, 2])]).toEqual([0, -1, 1, -1, 0, -1, -1, -1, -1]);
  expect([builder.conflicts, builder.repeats]).toEqual([0, 0]);
});

// One cell given these labels in this order -> what each policy must make of it, by its definition.
const cases: [labels: Label[], expected: Record<DuplicatePolicy, Label>][] = [
  [[1, 0], { drop: -1, "positive-wins": 1, "negative-wins": 0, last: 0 }],
  [[0, 1], { drop: -1, "positive-wins": 1, "negative-wins": 0, last: 1 }],
  [[0, 1, 1], { drop: -1, "positive-wins": 1, "negative-wins": 0, last: 1 }],
  [[1, 1], { drop: 1, "positive-wins": 1, "negative-wins": 1, last: 1 }],
  [[0, -1], { drop: 0, "positive-wins": 0, "negative-wins": 0, last: -1 }],
  [[-1], { drop: -1, "positive-wins": -1, "negative-wins": -1, last: -1 }],
];
for (const [labels, expected] of cases) {
  for (const [policy, label] of Object.entries(expected)) {
    test.each([-1, 0, 1] as Label[])(`${labels} under ${policy} is ${label} (default %d)`, (defaultLabel) => {
      const builder = new LabelTableBuilder(classes, { duplicates: policy as DuplicatePolicy, defaultLabel });
      for (const given of labels) builder.add("a", "dog", given);
      expect(builder.build().label(0, 1)).toBe(label);
      expect(builder.conflicts).toBe(labels.includes(1) && labels.includes(0) ? 1 : 0);
      expect(builder.repeats).toBe(labels.length - 1);
    });
  }
}

test("a shuffled list of cells builds the same table as the ordered one, across storage chunks", () => {
  const wide = ClassList.from(Array.from({ length: 900 }, (_, i) => ({ id: `c${i}`, name: "" })));
  const random = mulberry32(4);
  const dense = Int8Array.from({ length: 400 * 900 }, () => (random() < 0.8 ? 1 : 0));
  const ids = Array.from({ length: 400 }, (_, i) => `s${i}`);
  const builder = new LabelTableBuilder(wide, { sampleIds: ids });
  for (let c = 899; c >= 0; c--) for (let s = 399; s >= 0; s--) builder.addAt(s, c, dense[s * 900 + c]!);
  expect(builder.build().hash()).toBe(labelTableFromDense(wide, ids, dense).hash());
});

test("bad labels, classes, positions and policies are refused with their place", () => {
  const builder = new LabelTableBuilder(classes);
  expect(() => builder.add("a", "dog", 2)).toThrow(
    '1 (positive), 0 (negative) or -1 (un-annotated) for sample "a", class dog, got 2',
  );
  expect(() => builder.add("a", "dgo", 1)).toThrow('unknown id "dgo" among 3 classes');
  expect(() => builder.addAt(0, 0, 1)).toThrow("expected a sample below 0");
  expect(builder.build().numSamples).toBe(0);
  expect(() => labelTableFromDense(classes, ["a"], [1, 0, 3])).toThrow("for sample 0, class cow, got 3");
  expect(() => labelTableFromDense(classes, ["a"], [1, Number.NaN, 0])).toThrow("class dog, got NaN");
  expect(() => labelTableFromDense(classes, ["a"], [1, 0])).toThrow(
    "1 samples × 3 classes = 3 labels, got 2",
  );
  const policy = "first" as DuplicatePolicy;
  expect(() => new LabelTableBuilder(classes, { duplicates: policy })).toThrow("drop, positive-wins");
});
