import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { annotatedNames } from "./annotated-names.js";

describe("annotatedNames", () => {
  it.each([
    [["x.png"], ["x"]],
    [
      ["a/1.jpg", "b/1.jpg", "b/2.jpg"],
      ["a_1", "b_1", "2"],
    ],
    [
      ["1.jpg", "1.png", "1"],
      ["1_jpg", "1_png", "1"],
    ],
    [
      ["a/x/1.jpg", "b/x/1.jpg"],
      ["a_x_1", "b_x_1"],
    ],
    [
      ["a/Cat.jpg", "b/cAT.jpg"],
      ["a_Cat", "b_cAT"],
    ],
    [
      ["a/caf\u00e9.jpg", "b/cafe\u0301.jpg"],
      ["a_caf\u00e9", "b_cafe\u0301"],
    ],
    [
      ["1.jpg", "./1.jpg"],
      ["1_2", "1_3"],
    ],
  ])("%j: %j", (names, expected) => {
    expect(annotatedNames(names)).toEqual(expected);
  });

  it("gives names that are no two alike and hold no folder, whatever the images are called", () => {
    const word = fc.constantFrom(
      "a",
      "A",
      "a_1",
      "1",
      "1_2",
      "x.jpg",
      "1.jpg",
      "1.png",
      "..",
      "é",
      "e\u0301",
    );
    const path = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("/"));
    void fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const names = annotatedNames(paths);
        expect(new Set(names.map((name) => name.normalize("NFC").toLowerCase())).size).toBe(paths.length);
        for (const name of names) expect(name).not.toMatch(/[/\\]|^$/);
      }),
    );
  });
});
