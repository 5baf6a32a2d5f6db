import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassList, labelTableFromDense } from "@csl/labels";
import { expect, test } from "vitest";
import { expandHierarchy } from "./expand-hierarchy.js";
import { filterBySupport } from "./filter-by-support.js";
import { readHierarchy } from "./hierarchy.js";

// Entity > Animal > (Carnivore, which is not in the class list) > Cat, Dog; Car has the part Wheel, and Pet > Cat.
const json = {
  LabelName: "entity",
  Subcategory: [
    {
      LabelName: "animal",
      Subcategory: [{ LabelName: "carnivore", Subcategory: [{ LabelName: "cat" }, { LabelName: "dog" }] }],
    },
    { LabelName: "pet", Subcategory: [{ LabelName: "cat" }] },
    { LabelName: "car", Part: [{ LabelName: "wheel", Subcategory: [{ LabelName: "rim" }] }] },
  ],
};
const classes = ClassList.from(
  ["animal", "cat", "dog", "pet", "car", "wheel", "rim"].map((id) => ({ id, name: id })),
);
const hierarchy = async () => {
  const folder = await mkdtemp(join(tmpdir(), "csl-hierarchy-"));
  const path = join(folder, "hierarchy.json");
  await writeFile(path, JSON.stringify(json));
  const read = await readHierarchy(path);
  await writeFile(path, '{"LabelName": "a", "Subcategory": {}}');
  await expect(readHierarchy(path)).rejects.toThrow("expected { LabelName, Subcategory: [] }");
  await writeFile(path, "{");
  await expect(readHierarchy(path)).rejects.toThrow("expected JSON, got");
  await rm(folder, { recursive: true });
  return read;
};

test("present classes make ancestors present, absent ones descendants absent; parts do not count", async () => {
  const rows = [
    // animal cat dog pet car wheel rim       →
    [
      [-1, 1, -1, -1, -1, -1, -1],
      [1, 1, -1, 1, -1, -1, -1],
    ],
    [
      [0, -1, -1, -1, -1, -1, -1],
      [0, 0, 0, -1, -1, -1, -1],
    ],
    // What is annotated stays: a cat that is no animal.
    [
      [0, 1, -1, -1, -1, -1, -1],
      [0, 1, 0, 1, -1, -1, -1],
    ],
    // A wheel is part of a car, a rim is a kind of wheel.
    [
      [-1, -1, -1, -1, -1, -1, 1],
      [-1, -1, -1, -1, -1, 1, 1],
    ],
    [
      [-1, -1, -1, -1, 0, -1, -1],
      [-1, -1, -1, -1, 0, -1, -1],
    ],
    [
      [-1, -1, -1, -1, -1, -1, -1],
      [-1, -1, -1, -1, -1, -1, -1],
    ],
  ] as const;
  const table = labelTableFromDense(
    classes,
    rows.map((_, i) => `${i}`),
    rows.flatMap(([given]) => [...given]),
  );
  const read = await hierarchy();
  const both = expandHierarchy(table, read);
  expect([...both.table.dense(rows.map((_, i) => i))]).toEqual(rows.flatMap(([, expected]) => [...expected]));
  expect([both.added, both.contradictions]).toEqual([{ positives: 4, negatives: 3 }, 0]);
  expect(expandHierarchy(table, read, { negatives: false }).added).toEqual({ positives: 4, negatives: 0 });
  expect(expandHierarchy(table, read, { positives: false }).added).toEqual({ positives: 0, negatives: 3 });
});

test("a cell between a present descendant and an absent ancestor stays un-annotated and is counted", () => {
  // a > b > c with a absent and c present: b is implied both ways.
  const chain = {
    parentsOf: new Map([
      ["b", ["a"]],
      ["c", ["b"]],
    ]),
  };
  const list = ClassList.from(["a", "b", "c"].map((id) => ({ id, name: id })));
  const { table, contradictions } = expandHierarchy(labelTableFromDense(list, ["0"], [0, -1, 1]), chain);
  expect([...table.dense([0])]).toEqual([0, -1, 1]);
  expect(contradictions).toBe(1);
});

test("only un-annotated cells can be filled", () => {
  const full = labelTableFromDense(classes, ["0"], [0, 1, 0, 1, 0, 0, 0], { defaultLabel: 0 });
  expect(() => expandHierarchy(full, { parentsOf: new Map() })).toThrow(
    "expected a table that is un-annotated by default",
  );
});

test("classes with too little support go, samples stay", () => {
  const list = ClassList.from(["a", "b", "c"].map((id) => ({ id, name: `class ${id}` })));
  const table = labelTableFromDense(list, ["0", "1", "2"], [1, 1, 0, 1, -1, 0, -1, 0, 0]);
  const ids = (support: Parameters<typeof filterBySupport>[1]) => filterBySupport(table, support).classes.ids;
  expect(ids({ positives: 2 })).toEqual(["a"]);
  expect(ids({ negatives: 1 })).toEqual(["b", "c"]);
  expect(ids({ positives: 1, negatives: 1 })).toEqual(["b"]);
  expect(filterBySupport(table, { positives: 1 }).classes.names).toEqual(["class a", "class b"]);
  expect([...filterBySupport(table, { positives: 1 }).dense([0, 1, 2])]).toEqual([1, 1, 1, -1, -1, 0]);
});
