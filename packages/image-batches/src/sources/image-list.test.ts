import { join } from "node:path";
import { sampleIdsFrom } from "@csl/labels";
import { expect, it } from "vitest";
import { folderImages } from "./image-list.js";

it("puts paths together from an array or from packed names", () => {
  for (const names of [["a.jpg", "sub/b.jpg"], sampleIdsFrom(["a.jpg", "sub/b.jpg"])]) {
    const list = folderImages("root", names);
    expect(list.length).toBe(2);
    expect([list.at(0), list.at(1)]).toEqual([join("root", "a.jpg"), join("root", "sub", "b.jpg")]);
    expect(list.nameAt(1)).toBe("sub/b.jpg");
    expect(() => list.at(2)).toThrow("below 2");
  }
});
