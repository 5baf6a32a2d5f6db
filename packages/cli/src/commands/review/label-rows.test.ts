import { ClassList, labelTableFromDense } from "@csl/labels";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { editLabels } from "./edit-labels.js";
import { labelOf, rowsOfTable } from "./label-rows.js";

const ids = ["b", "a", "c"];
const classes = ClassList.from(ids.map((id) => ({ id, name: id })));
const labels = fc.array(fc.constantFrom(-1, 0, 1), { minLength: 6, maxLength: 6 });

it("whatever is changed and changed back, the file is the same, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(labels, labels, async (old, wanted) => {
      const table = labelTableFromDense(classes, ["1", "2"], old);
      const rows = [...rowsOfTable(table, (sample) => `${table.sampleIds.at(sample)}.jpg`)];
      const edits = wanted.map((to, i) => ({
        image: ["1", "2.jpg"][Math.floor(i / 3)]!,
        classId: ids[i % 3]!,
        from: old[i]!,
        to,
      }));
      const before = await editLabels(rows, [], ids);
      const after = await editLabels(rows, edits, ids);
      const changed = after.lines.map((line) => JSON.parse(line));
      expect(changed.flatMap((row) => ids.map((id) => labelOf(row, id)))).toEqual(wanted);
      expect(after.results).toEqual(wanted.map((to, i) => (to === old[i] ? "same" : "changed")));
      const back = edits.map(({ from, to, ...entry }) => ({ ...entry, from: to, to: from }));
      expect((await editLabels(changed, back, ids)).sha256).toBe(before.sha256);
    }),
    { numRuns: 50 },
  );
});

it("tells what it does not know, and leaves what is not as it was shown", async () => {
  const rows = [{ path: "1.jpg", positives: ["a"], negatives: [] }];
  const edits = [
    { image: "2.jpg", classId: "a", from: 1, to: 0 },
    { image: "1.jpg", classId: "z", from: 1, to: 0 },
    { image: "1.jpg", classId: "a", from: 0, to: 0 },
  ];
  const { results, lines } = await editLabels(rows, edits, ids);
  expect(results).toEqual(["unknown-image", "unknown-class", "differs"]);
  expect(lines).toEqual([JSON.stringify(rows[0])]);
});
