import { describe, expect, expectTypeOf, it } from "vitest";
import { trainFlags } from "../commands/train/train-flags.js";
import {
  type AnyFlag,
  choice,
  file,
  flagName,
  integer,
  number,
  type OptionsOf,
  optionName,
  text,
  toggle,
} from "./flag.js";

const cases: [name: string, row: AnyFlag, expected: string, allowed: unknown[], refused: unknown[]][] = [
  ["toggle", toggle("x"), "true or false", [true, false], ["true", 1, null]],
  ["number", number("x"), "a number", [0, -1.5, "2e-4"], ["", "fast", " ", true, null, "Infinity"]],
  ["number above", number("x", { above: 0 }), "a number above 0", [1e-9], [0, -1]],
  ["number below", number("x", { from: 0, below: 1 }), "a number from 0 to below 1", [0, 0.9], [1, -0.1]],
  ["number to", number("x", { from: 0, to: 1 }), "a number from 0 to 1", [0, 1], [1.01]],
  ["integer", integer("x", { from: 1 }), "a whole number of at least 1", [1, "64"], [0, 1.5, "1.5"]],
  ["choice", choice("x", ["a", "b-c"]), "one of a, b-c", ["a", "B-C", "b_c"], ["d", "", 1]],
  ["text", text("x"), "a text", ["", "a"], [1, true]],
  ["text of a form", text("x", { expected: "an a", allows: (v) => v === "a" }), "an a", ["a"], ["b"]],
  ["file", file("x"), "the path of a file", ["a"], ["", 3, ["a"]]],
];

describe("kinds of flags", () => {
  it.each(cases)("%s", (_, row, expected, allowed, refused) => {
    expect(row.expected).toBe(expected);
    for (const value of allowed) expect(row.read(value)).not.toBeUndefined();
    for (const value of refused) expect(row.read(value)).toBeUndefined();
  });

  it("gives numbers for text, and choices as they are listed", () => {
    expect(number("x").read("2e-4")).toBe(2e-4);
    expect(choice("x", ["ignore-normalize-classes"]).read("Ignore_Normalize_Classes")).toBe(
      "ignore-normalize-classes",
    );
    expect(choice("x", ["tresnet_m"]).read("tresnet-m")).toBe("tresnet_m");
  });
});

describe("names", () => {
  it.each([
    ["partial-loss-mode", "partialLossMode"],
    ["lr", "lr"],
    ["likelihood-topk", "likelihoodTopk"],
  ])("%s", (flag, option) => {
    expect(optionName(flag)).toBe(option);
    for (const spelling of [flag, option, flag.replaceAll("-", "_")]) expect(flagName(spelling)).toBe(flag);
  });
});

it("the options' type follows from the table", () => {
  type Options = OptionsOf<typeof trainFlags>;
  expectTypeOf<Options["gammaNeg"]>().toEqualTypeOf<number>();
  expectTypeOf<Options["topkScope"]>().toEqualTypeOf<"batch" | "sample">();
  expectTypeOf<Options["decoupled"]>().toEqualTypeOf<boolean>();
  expectTypeOf<Pick<Options, "priorPath">>().toEqualTypeOf<{ priorPath?: string }>();
  // @ts-expect-error there is no such flag
  expectTypeOf<Options["gammaNegative"]>().toBeAny();
});

it("every default is a value that the flag allows", () => {
  for (const group of Object.values(trainFlags))
    for (const row of Object.values(group) as AnyFlag[])
      if (row.default !== undefined) expect(row.read(row.default)).toEqual(row.default);
});
