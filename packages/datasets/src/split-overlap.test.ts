import { ClassList, LabelTableBuilder } from "@csl/labels";
import { describe, expect, it } from "vitest";
import { type OverlapSplit, splitOverlap } from "./split-overlap.js";

function side(
  name: string,
  samples: [id: string, file: string][],
  options: Partial<OverlapSplit> = {},
): OverlapSplit {
  const builder = new LabelTableBuilder(ClassList.from([{ id: "a", name: "a" }]));
  for (const [id] of samples) builder.addSample(id);
  return {
    name,
    truth: builder.build(),
    fileNames: samples.map(([, file]) => file),
    roots: [`/data/${name}`],
    ...options,
  };
}

describe("splitOverlap", () => {
  it("equal ids count where the file names are equal too: every split of your own may count from 1", () => {
    const train = side("train", [
      ["1", "a.jpg"],
      ["2", "b.jpg"],
    ]);
    const val = side("val", [
      ["1", "c.jpg"],
      ["2", "b.jpg"],
    ]);
    expect(splitOverlap(train, val)).toEqual({ count: 1, byId: 1, byPath: 0, examples: ["2"] });
  });

  it("global ids count by themselves, whatever the names", () => {
    const train = side("train", [["000026e7ee790996", "train/000026e7ee790996.jpg"]]);
    const val = side("val", [["000026e7ee790996", "other/000026e7ee790996.jpg"]], { globalIds: true });
    expect(splitOverlap(train, val)).toMatchObject({ count: 1, byId: 1 });
  });

  it("equal paths count, whatever the ids", () => {
    const roots = ["/data/images"];
    const train = side("train", [["7", "x.jpg"]], { roots });
    const val = side("val", [["8", "x.jpg"]], { roots });
    expect(splitOverlap(train, val)).toEqual({ count: 1, byId: 0, byPath: 1, examples: ["8"] });
    expect(splitOverlap(train, side("val", [["8", "x.jpg"]]))).toMatchObject({ count: 0 });
  });
});
