import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findOfficialFiles, type OfficialFiles } from "../official-files.js";
import { type OpenImagesFileKind, openImagesFiles } from "./open-images-files.js";

/** What the reader calls them. */
const roleOf: Record<OpenImagesFileKind, keyof OfficialFiles> = {
  ...{ classes: "descriptions", trainable: "trainable", hierarchy: "hierarchy" },
  ...{ labels: "human", machine: "machine", boxable: "boxable", images: "images" },
};

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

    it("is found again in the folder that it was fetched to", async () => {
      const folder = await mkdtemp(join(tmpdir(), "csl-files-"));
      try {
        for (const { key } of files) await writeFile(join(folder, basename(key)), "");
        for (const split of ["train", "validation", "test"] as const) {
          const found = await findOfficialFiles(folder, split);
          for (const file of files) {
            if (file.split !== undefined && file.split !== split) continue;
            expect(found[roleOf[file.kind]]).toBe(join(folder, basename(file.key)));
          }
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it("can lie in one folder: no two files have one name", () => {
      const names = files.map(({ key }) => basename(key));
      expect(new Set(names).size).toBe(names.length);
    });
  },
);
