import { expect, test } from "vitest";
import { nearMatches } from "./near-matches.js";

test("finds the closest spellings, best first", () => {
  // "dinning table" -> "dining table": one deletion. "persn" -> "person": one insertion.
  expect(nearMatches("dinning table", ["chair", "dining table", "person"])).toEqual(["dining table"]);
  expect(nearMatches("cars", ["scars", "car", "cat", "giraffe"])).toEqual(["scars", "car"]);
});

test("nothing close is nothing", () => {
  expect(nearMatches("zebra", ["person", "car"])).toEqual([]);
});
