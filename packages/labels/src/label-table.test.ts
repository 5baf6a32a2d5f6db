import type { Label } from "@csl/internal/labels/label";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { ClassList } from "./class-list.js";
import { LabelTable } from "./label-table.js";
import { LabelTableBuilder } from "./label-table-builder.js";
import { labelTableFromDense } from "./label-table-from-dense.js";

const classList = (n: number): ClassList =>
  ClassList.from(Array.from({ length: n }, (_, i) => ({ id: `c${i}`, name: `class ${i}` })));

/** Random full rows, about a third of the cells in each state. */
function randomDense(samples: number, classes: number, seed: number): Int8Array {
  const random = mulberry32(seed);
  return Int8Array.from({ length: samples * classes }, () => Math.floor(random() * 3) - 1);
}

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `s${i}`);

// Property suite: a sparse table must answer like the full matrix, for every default and both cell widths.
test.each([
  [-1, 7],
  [0, 7],
  [1, 7],
  [-1, 32768],
  [-1, 32769],
  [0, 32769],
] as [Label, number][])("default %d, %d classes: every view equals the full matrix", (defaultLabel, c) => {
  const n = c > 100 ? 3 : 20;
  const dense = randomDense(n, c, 17);
  const table = labelTableFromDense(classList(c), ids(n), dense, { defaultLabel });
  expect(table.entries.BYTES_PER_ELEMENT).toBe(c <= 32768 ? 2 : 4);
  expect(table.dense(Array.from({ length: n }, (_, i) => i))).toEqual(dense);
  for (let sample = 0; sample < n; sample++) {
    const { classes, labels } = table.row(sample);
    const expected = [...dense.subarray(sample * c, (sample + 1) * c)].flatMap((label, i) =>
      label === defaultLabel ? [] : [[i, label]],
    );
    expect(Array.from(classes, (index, i) => [index, labels[i]])).toEqual(expected);
  }
  for (const cell of [0, c - 1, c, 2 * c + 3, 3 * c - 1]) {
    expect(table.label(Math.floor(cell / c), cell % c)).toBe(dense[cell]);
  }
  const float = new Float32Array(c + 2).fill(9);
  table.fillRow(1, float, 1);
  expect([...float]).toEqual([9, ...dense.subarray(c, 2 * c), 9]);
});

test("select takes samples in the asked order, also twice", () => {
  const dense = randomDense(5, 4, 3);
  const table = labelTableFromDense(classList(4), ids(5), dense);
  const chosen = table.select([4, 0, 4]);
  expect([...chosen.sampleIds]).toEqual(["s4", "s0", "s4"]);
  expect(chosen.dense([0, 1, 2])).toEqual(table.dense([4, 0, 4]));
  expect(chosen.indexOfSample("s4")).toBe(0);
});

test("the hash follows cells, ids, order and default, not names", () => {
  const dense = randomDense(5, 4, 3);
  const table = labelTableFromDense(classList(4), ids(5), dense);
  const renamed = ClassList.from(table.classes.ids.map((id) => ({ id, name: "?" })));
  expect(labelTableFromDense(renamed, ids(5), dense).hash()).toBe(table.hash());
  const changed = dense.slice();
  changed[7] = changed[7] === 1 ? 0 : 1;
  const others = [
    labelTableFromDense(classList(4), ids(5), changed),
    labelTableFromDense(classList(4), ids(5).reverse(), dense),
    labelTableFromDense(classList(4), ids(5), dense, { defaultLabel: 0 }),
    table.select([0, 1, 2, 3]),
  ];
  expect(new Set([table, ...others].map((t) => t.hash())).size).toBe(5);
});

test("unknown samples, classes and too short arrays are named", () => {
  const table = labelTableFromDense(classList(2), ids(2), [1, 0, -1, -1]);
  expect(() => table.row(2)).toThrow("LabelTable: expected a sample index below 2, got 2");
  expect(() => table.label(0, -1)).toThrow("LabelTable: expected a class index below 2, got -1");
  expect(() => table.fillRow(0, new Int8Array(2), 1)).toThrow("expected room for 2 labels from 1 on");
  expect(() => table.indexOfSample("q")).toThrow('unknown sample "q" among 2; ids look like "s0"');
});

test("parts that do not fit together are refused", () => {
  const good = labelTableFromDense(classList(3), ids(2), [1, 0, -1, -1, 1, 1]);
  const { classes, sampleIds, defaultLabel, offsets, entries } = good;
  const parts = { classes, sampleIds, defaultLabel, offsets, entries };
  expect(() => new LabelTable({ ...parts, offsets: offsets.subarray(0, 2) })).toThrow("expected 3 offsets");
  expect(() => new LabelTable({ ...parts, entries: entries.subarray(1) })).toThrow("expected 4 entries");
  expect(() => new LabelTable({ ...parts, entries: entries.slice().reverse() })).toThrow(
    "ascending class indices",
  );
  expect(() => new LabelTable({ ...parts, entries: Uint32Array.from(entries) })).toThrow(
    "entries of 2 bytes",
  );
});

// Once, 0.5 was the un-annotated row between two, and an offset of -1 wrote the row one place too early.
test("what is no position is refused", () => {
  const table = labelTableFromDense(classList(2), ids(2), [1, 0, -1, 1]);
  const builder = new LabelTableBuilder(classList(2), { sampleIds: ids(2) });
  for (const at of [0.5, -1, 2, Number.NaN]) {
    expect(() => table.label(at, 0)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => table.label(0, at)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => table.row(at)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => table.select([at])).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => table.sampleIds.at(at)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => table.fillRow(0, new Int8Array(2), at)).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
    expect(() => builder.addAt(at, 0, 1)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => builder.addAt(0, at, 1)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  }
});

test("int64 labels are the numbers that they hold", () => {
  const classes = ClassList.from(["a", "b"].map((id) => ({ id, name: id })));
  const labels = BigInt64Array.of(1n, 0n, -1n, 1n) as unknown as ArrayLike<number>;
  expect([...labelTableFromDense(classes, ["x", "y"], labels).dense([0, 1])]).toEqual([1, 0, -1, 1]);
});
