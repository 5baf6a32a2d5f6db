import { expect, test } from "vitest";
import { checkChoice, checkCount } from "./check-values.js";

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
