import { mulberry32 } from "@csl/internal/random/mulberry32";
import { ClassList, type LabelTable, labelTableFromDense } from "@csl/labels";
import { describe, expect, it } from "vitest";
import { type ChooseOptions, chooseImages } from "./choose-images.js";

const classes = ClassList.from(["a", "b", "c"].map((id) => ({ id, name: id.toUpperCase() })));
// Rows of (a, b, c): 1 present, 0 absent, -1 unknown.
const rows = [
  [1, -1, -1],
  [0, 1, -1],
  [1, 1, -1],
  [-1, -1, -1],
  [-1, 0, 1],
  [1, 0, 0],
];
const table: LabelTable = labelTableFromDense(
  classes,
  rows.map((_, i) => `s${i}`),
  Int8Array.from(rows.flat()),
  { defaultLabel: -1 },
);
const choose = (options: ChooseOptions): number[] => [...chooseImages(table, options).samples];

describe("chooseImages", () => {
  it.each<[string, ChooseOptions, number[]]>([
    ["all", {}, [0, 1, 2, 3, 4, 5]],
    ["a class", { classes: ["a"] }, [0, 2, 5]],
    ["either of two", { classes: ["b", "c"] }, [1, 2, 4]],
    ["also where it is absent", { classes: ["b"], label: "annotated" }, [1, 2, 4, 5]],
    ["ids", { ids: ["s4", "s0"] }, [0, 4]],
    ["ids of a class", { ids: ["s4", "s0"], classes: ["c"] }, [4]],
    ["the first two", { count: 2 }, [0, 1]],
    ["the first of a class", { classes: ["b"], count: 1 }, [1]],
    // s0 for a, s1 for b, s4 for c.
    ["one of each class", { classes: ["a", "b", "c"], perClass: 1 }, [0, 1, 4]],
    // s2 is needed for both a and b; s5 for nothing.
    ["two of each class", { classes: ["a", "b", "c"], perClass: 2 }, [0, 1, 2, 4]],
    ["both limits", { classes: ["a", "b", "c"], perClass: 2, count: 3 }, [0, 1, 2]],
  ])("%s", (_, options, expected) => {
    expect(choose(options)).toEqual(expected);
  });

  it("draws with a seed: the same ones again, others with another", () => {
    const many = labelTableFromDense(
      classes,
      Array.from({ length: 100 }, (_, i) => String(i)),
      new Int8Array(300).fill(1),
      { defaultLabel: -1 },
    );
    const draw = (seed: number): string =>
      chooseImages(many, { count: 10, random: mulberry32(seed) }).samples.join();
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
    const positions = draw(1).split(",").map(Number);
    expect(new Set(positions).size).toBe(10);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it("hands back ids that it does not know", () => {
    expect(chooseImages(table, { ids: ["s1", "t1"] })).toEqual({
      samples: Uint32Array.of(1),
      unknown: ["t1"],
    });
  });

  it("refuses unknown classes and numbers that choose nothing", () => {
    expect(() => choose({ classes: ["A"] })).toThrow(/display name of id "a"/);
    expect(() => choose({ count: 0 })).toThrow(/count to be at least 1, got 0/);
    expect(() => choose({ perClass: 3 })).toThrow(/expected classes together with perClass/);
  });
});
