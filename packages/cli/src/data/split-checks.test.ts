import type { OverlapSplit } from "@csl/datasets";
import { ClassList, LabelTableBuilder, labelTableFromDense } from "@csl/labels";
import { describe, expect, it } from "vitest";
import { guardOverlap, requireScorable } from "./split-checks.js";

function split(name: string, id: string, file: string): OverlapSplit {
  const builder = new LabelTableBuilder(ClassList.from([{ id: "a", name: "a" }]));
  builder.addSample(id);
  return { name, truth: builder.build(), fileNames: [file], roots: [`/data/${name}`] };
}

describe("guardOverlap", () => {
  it("refuses with counts, and continues when that is allowed", async () => {
    const train = { ...split("train", "1", "a.jpg"), roots: ["/data"] };
    const val = { ...split("val", "1", "a.jpg"), roots: ["/data"] };
    await expect(guardOverlap(train, val, { allow: false, tell: () => {} })).rejects.toThrow(
      /1 of the 1 images of "val" are in "train" as well \(0 by id, 1 by path, 0 by content; first: 1\).*--allow-overlap/,
    );
    const reported: string[] = [];
    await guardOverlap(train, val, { allow: true, tell: (line) => reported.push(line) });
    expect(reported[0]).toMatch(/^warning: 1 of the 1/);
    const other = split("val", "9", "z.jpg");
    await guardOverlap(train, other, { allow: false, tell: (line) => reported.push(line) });
    expect(reported).toHaveLength(1);
  });

  it("tells equal names of different images, and continues", async () => {
    const told: string[] = [];
    const [train, val] = [split("train", "1", "1.jpg"), split("val", "1", "1.jpg")];
    await guardOverlap(train, val, { allow: false, tell: (line) => told.push(line) });
    expect(told).toEqual([
      expect.stringMatching(/^1 images of "val" have the name of another image of "train"/),
    ]);
  });
});

describe("requireScorable", () => {
  const classes = ClassList.from(["a", "b"].map((id) => ({ id, name: id })));
  const table = (...labels: number[]) =>
    labelTableFromDense(classes, ["1", "2"], Int8Array.from(labels), { defaultLabel: -1 });

  it("asks for one class with both labels", () => {
    requireScorable("val", table(1, -1, 0, -1));
    expect(() => requireScorable("val", table(1, 0, 1, -1))).toThrow(
      /a class of "val".*got none among 2 images × 2 classes \(1 classes have a positive, 1 a negative\)/,
    );
    expect(() => requireScorable("val", table(-1, -1, -1, -1))).toThrow(
      /0 classes have a positive, 0 a negative/,
    );
  });

  it("knows that what is not listed may be absent, as in COCO", () => {
    const listed = labelTableFromDense(classes, ["1", "2"], Int8Array.from([1, 0, 0, 0]), {
      defaultLabel: 0,
    });
    requireScorable("val", listed);
  });
});
