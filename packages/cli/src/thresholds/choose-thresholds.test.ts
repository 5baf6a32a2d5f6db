import { expect, it } from "vitest";
import { criterionName, parseCriterion } from "./choose-thresholds.js";

it.each([
  ["f1", { name: "f-beta", beta: 1 }, "F1"],
  ["f0.5", { name: "f-beta", beta: 0.5 }, "F0.5"],
  ["precision=0.9", { name: "recall-at-precision", precision: 0.9 }, "recall at a precision of 0.9"],
  ["precision=.75", { name: "recall-at-precision", precision: 0.75 }, "recall at a precision of 0.75"],
])("%s", (text, criterion, name) => {
  expect(parseCriterion(text)).toEqual(criterion);
  expect(criterionName(parseCriterion(text)!)).toBe(name);
});

it.each(["1", "f", "f0", "F1", "precision=0", "precision=90", "precision", "recall=0.9", ""])(
  "refuses %j",
  (text) => {
    expect(parseCriterion(text)).toBeUndefined();
  },
);
