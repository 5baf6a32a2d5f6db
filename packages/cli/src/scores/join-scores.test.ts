import { describe, expect, it } from "vitest";
import { joinScores } from "./join-scores.js";
import type { KeptScores } from "./kept-scores.js";

const kept = (ids: string[], images: string[], labels: number[], scores: number[]): KeptScores => ({
  ...{ weights: "w", engine: "wasm", imageSize: 64, split: "val", labelsHash: "h" },
  ...{ classes: { ids, names: ids.map((id) => `class ${id}`) }, images },
  ...{ labels: Int8Array.from(labels), scores: Float32Array.from(scores) },
});
const a = kept(["1", "2"], ["x", "y"], [1, 0, -1, 1], [10, 20, 30, 40]);

describe("joinScores", () => {
  it("brings another order of classes and images into that of the first", () => {
    const b = kept(["2", "1"], ["y", "x"], [1, -1, 0, 1], [4, 3, 2, 1]);
    const joined = joinScores("test", [
      { name: "a", kept: a },
      { name: "b", kept: b },
    ]);
    expect(joined.scores.map((scores) => [...scores])).toEqual([
      [10, 20, 30, 40],
      [1, 2, 3, 4],
    ]);
    expect([...joined.labels]).toEqual([1, 0, -1, 1]);
    expect(joined.notes).toEqual([]);
  });

  it("leaves out what only one has, and says so", () => {
    const b = kept(["2", "3"], ["y", "z"], [1, 0, 0, 1], [5, 6, 7, 8]);
    const joined = joinScores("test", [
      { name: "a", kept: a },
      { name: "b", kept: b },
    ]);
    expect(joined.scores.map((scores) => [...scores])).toEqual([[40], [5]]);
    expect(joined.notes).toEqual([
      "2 classes that not all runs have are left out",
      "2 images that not all runs have are left out",
    ]);
  });

  it.each([
    [
      "no class in common",
      kept(["8", "9"], ["x"], [1, 0], [1, 2]),
      /got no class that all have: a has 1, 2, …; b has 8, 9/,
    ],
    ["no image in common", kept(["1"], ["z"], [1], [1]), /got no image that all have/],
    ["other labels", kept(["1"], ["x"], [0], [1]), /different ones of class 1 in x: 1 in a, 0 in b/],
  ])("refuses %s", (_, b, message) => {
    const runs = [
      { name: "a", kept: a },
      { name: "b", kept: b },
    ];
    expect(() => joinScores("test", runs)).toThrow(message);
  });
});
