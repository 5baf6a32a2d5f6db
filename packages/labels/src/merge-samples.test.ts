import { expect, it } from "vitest";
import { ClassList } from "./class-list.js";
import { labelTableFromDense } from "./label-table-from-dense.js";
import { mergeSamples } from "./merge-samples.js";

const classes = ClassList.from(["a", "b", "c", "d"].map((id) => ({ id, name: id })));
const rows = [1, -1, 0, 1, /**/ -1, -1, -1, 1, /**/ 0, 1, 0, -1];

it("partial labels: all that is said of the image; present and absent is un-annotated, and counted", () => {
  const table = labelTableFromDense(classes, ["x", "y", "x again"], rows);
  const { table: merged, conflicts } = mergeSamples(table, [[0, 2]]);
  expect([...merged.sampleIds]).toEqual(["x", "y"]);
  expect([...merged.dense([0, 1])]).toEqual([-1, 1, 0, 1, /**/ -1, -1, -1, 1]);
  expect(conflicts).toBe(1);
});

it("full labels: what one listing has, the other does not make absent", () => {
  const table = labelTableFromDense(classes, ["x", "y", "x again"], rows, { defaultLabel: 0 });
  const { table: merged, conflicts } = mergeSamples(table, [[0, 2]]);
  expect([merged.defaultLabel, ...merged.dense([0, 1])]).toEqual([0, 1, 1, 0, 1, /**/ -1, -1, -1, 1]);
  expect(conflicts).toBe(0);
});
