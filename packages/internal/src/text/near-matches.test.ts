import { expect, test } from "vitest";
import { nearMatches } from "./near-matches.js";

test("finds the closest spellings, best first", () => {
  // "dinning table" -> "dining table": one deletion. "persn" -> "person": one insertion.
  expect(nearMatches("dinning table", ["chair", "dining table", "person"])).toEqual(["dining table"]);
  expect(nearMatches("cars", ["scars", "car", "cat", "giraffe"])).toEqual(["scars", "car"]);
});

test.each([
  ["tarin", "train"], // each one swap of neighbours: two edits without it, and the limit of five letters is one
  ["hlep", "help"],
  ["rtain", "train"],
  ["traini", "train"],
  ["evlauate", "evaluate"],
])("%s is near %s", (typed, meant) => {
  expect(nearMatches(typed, ["train", "help", "evaluate", "infer"])).toEqual([meant]);
});

test("a swap costs one edit: as near as a replaced letter, nearer than two", () => {
  // "sacn": "scan" by one swap, "sack" by one replacement, "scene" by more than the limit.
  expect(nearMatches("sacn", ["scene", "scan", "sack"])).toEqual(["scan", "sack"]);
});

test("nothing close is nothing", () => {
  expect(nearMatches("zebra", ["person", "car"])).toEqual([]);
});
