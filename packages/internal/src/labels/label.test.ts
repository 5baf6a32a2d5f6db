import { expect, test } from "vitest";
import { checkLabel, Label } from "./label.js";

test("the three states keep the numbers of the reference's code", () => {
  expect(Label).toEqual({ Positive: 1, Negative: 0, Unannotated: -1 });
});

test.each([2, 0.5, Number.NaN, -2, "1" as unknown as number])("%s is no label", (value) => {
  expect(() => checkLabel(value, "load", () => 'sample "a", class "b"')).toThrow(
    /^load: expected a label of 1 .* for sample "a", class "b", got/,
  );
});
