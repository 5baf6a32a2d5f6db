import type { Label } from "@csl/internal/labels/label";
import { expect, test } from "vitest";
import { ClassList } from "./class-list.js";
import { classStatistics } from "./class-statistics.js";
import { labelTableFromDense } from "./label-table-from-dense.js";

test.each([-1, 0, 1] as Label[])("counts the columns, whatever the default (%d)", (defaultLabel) => {
  const classes = ClassList.from(["a", "b", "c"].map((id) => ({ id, name: id })));
  // columns: a = 1 1 0 -1, b = -1 -1 -1 -1, c = 0 1 0 0
  const table = labelTableFromDense(
    classes,
    ["w", "x", "y", "z"],
    [1, -1, 0, 1, -1, 1, 0, -1, 0, -1, -1, 0],
    {
      defaultLabel,
    },
  );
  expect(classStatistics(table)).toEqual({
    positives: Uint32Array.of(2, 0, 1),
    negatives: Uint32Array.of(1, 0, 3),
    unannotated: Uint32Array.of(1, 4, 0),
  });
});
