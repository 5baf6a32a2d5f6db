import type { OverlapSplit } from "@csl/datasets";
import { ClassList, LabelTableBuilder } from "@csl/labels";
import { expect, it } from "vitest";
import { guardOverlap } from "./guard-overlap.js";

function split(name: string, id: string, file: string): OverlapSplit {
  const builder = new LabelTableBuilder(ClassList.from([{ id: "a", name: "a" }]));
  builder.addSample(id);
  return { name, truth: builder.build(), fileNames: [file], roots: [`/data/${name}`] };
}

it("refuses with counts, and continues when that is allowed", () => {
  const train = split("train", "1", "a.jpg");
  const val = split("val", "1", "a.jpg");
  expect(() => guardOverlap(train, val, { allow: false, tell: () => {} })).toThrow(
    /1 of the 1 images of "val" are in "train" as well \(1 by id, 0 by path; first: 1\).*--allow-overlap/,
  );
  const told: string[] = [];
  guardOverlap(train, val, { allow: true, tell: (line) => told.push(line) });
  expect(told[0]).toMatch(/^warning: 1 of the 1/);
  guardOverlap(train, split("val", "9", "z.jpg"), { allow: false, tell: (line) => told.push(line) });
  expect(told).toHaveLength(1);
});
