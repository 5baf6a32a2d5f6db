import type { Label } from "@csl/internal/labels/label";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { expect, test } from "vitest";
import { ClassList } from "./class-list.js";
import { labelTableFromDense } from "./label-table-from-dense.js";
import { selectClasses, selectSamples } from "./select.js";

const list = (ids: string[]): ClassList => ClassList.from(ids.map((id) => ({ id, name: id })));
const random = mulberry32(9);
const dense = Int8Array.from({ length: 6 * 5 }, () => Math.floor(random() * 3) - 1);
const makeTable = (defaultLabel: Label) =>
  labelTableFromDense(list(["a", "b", "c", "d", "e"]), ["0", "1", "2", "3", "4", "5"], dense, {
    defaultLabel,
  });
const all = [0, 1, 2, 3, 4, 5];

test.each([-1, 0, 1] as Label[])("columns by class id, default %d: as the full matrix", (defaultLabel) => {
  const chosen = selectClasses(makeTable(defaultLabel), list(["e", "new", "a", "c"]));
  const expected = all.flatMap((s) => [dense[s * 5 + 4], defaultLabel, dense[s * 5], dense[s * 5 + 2]]);
  expect([...chosen.dense(all)]).toEqual(expected);
  expect([...chosen.sampleIds]).toEqual(["0", "1", "2", "3", "4", "5"]);
});

test("more classes than two bytes hold, and back", () => {
  const table = makeTable(-1);
  const wide = list(["d", ...Array.from({ length: 40_000 }, (_, i) => `x${i}`), "a", "b", "c", "e"]);
  expect(selectClasses(selectClasses(table, wide), table.classes).hash()).toBe(table.hash());
});

test("the same classes under other names keep the cells", () => {
  const renamed = ClassList.from(["a", "b", "c", "d", "e"].map((id) => ({ id, name: `class ${id}` })));
  const table = selectClasses(makeTable(-1), renamed);
  expect(table.classes.names[1]).toBe("class b");
  expect(table.dense(all)).toEqual(dense);
});

test.each([-1, 0] as Label[])("exactly the samples asked for, default %d", (defaultLabel) => {
  const chosen = selectSamples(makeTable(defaultLabel), ["4", "none", "0", "4"]);
  const row = (s: number): number[] => [...dense.subarray(s * 5, s * 5 + 5)];
  const empty = Array(5).fill(defaultLabel);
  expect([...chosen.dense([0, 1, 2, 3])]).toEqual([...row(4), ...empty, ...row(0), ...row(4)]);
  expect([...chosen.sampleIds]).toEqual(["4", "none", "0", "4"]);
});
