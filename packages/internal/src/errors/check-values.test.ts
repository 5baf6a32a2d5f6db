import { expect, test } from "vitest";
import { checkChoice, checkCount, checkRange } from "./check-values.js";

test("a choice is one of the list", () => {
  checkChoice("f", "ties", "rank", ["grouped", "rank"]);
  expect(() => checkChoice("f", "ties", "random", ["grouped", "rank"])).toThrow(
    expect.objectContaining({
      code: "invalid-argument",
      message: 'f: expected ties to be "grouped" or "rank", got "random".',
    }),
  );
});

test("a count is a whole number from 1 on", () => {
  checkCount("f", "k", 1);
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3" as unknown as number])
    expect(() => checkCount("f", "k", wrong)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: `f: expected k to be a positive whole number, got ${wrong}.`,
      }),
    );
});

test("a range has bounds that belong to it and bounds that do not", () => {
  checkRange("f", "share", 0, { from: 0, below: 1 });
  checkRange("f", "share", 1, { above: 0, to: 1 });
  for (const [wrong, range, words] of [
    [1, { from: 0, below: 1 }, "of at least 0 and below 1"],
    [0, { above: 0, to: 1 }, "above 0 and of at most 1"],
    [Number.NaN, { from: 0 }, "of at least 0"],
    [Number.POSITIVE_INFINITY, { from: 0 }, "of at least 0"],
    ["1" as unknown as number, { from: 0 }, "of at least 0"],
  ] as const)
    expect(() => checkRange("f", "share", wrong, range)).toThrow(
      `f: expected share to be a finite number ${words}, got ${wrong}.`,
    );
});
