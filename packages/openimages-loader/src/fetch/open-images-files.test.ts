import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { openImagesFiles } from "./open-images-files.js";

describe.each(Object.keys(openImagesFiles) as (keyof typeof openImagesFiles)[])(
  "OpenImages %s",
  (version) => {
    const files = openImagesFiles[version];

    it("has classes, and verified labels and images of all splits", () => {
      expect(files.filter(({ kind }) => kind === "classes")).toHaveLength(1);
      for (const kind of ["labels", "images"]) {
        const splits = files.filter((file) => file.kind === kind).map(({ split }) => split);
        expect(splits.sort()).toEqual(["test", "train", "validation"]);
      }
    });

    it("can lie in one folder: no two files have one name", () => {
      const names = files.map(({ key }) => basename(key));
      expect(new Set(names).size).toBe(names.length);
    });
  },
);
