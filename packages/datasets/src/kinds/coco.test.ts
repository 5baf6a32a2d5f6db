import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findCocoSplit } from "./coco.js";

const wording = { speaker: "openDataset", optionName: (name: string) => name };

describe("findCocoSplit", () => {
  it.each([["2014"], ["2017"], [""]])("finds instances_train%s.json and its images", async (suffix) => {
    const folder = await mkdtemp(join(tmpdir(), "csl-split-"));
    await mkdir(join(folder, "annotations"));
    await writeFile(join(folder, "annotations", `instances_train${suffix}.json`), "{}");
    expect(await findCocoSplit(folder, "train", wording)).toEqual({
      instances: join(folder, "annotations", `instances_train${suffix}.json`),
      images: join(folder, `train${suffix}`),
    });
  });

  it("says where it looked and what to do", async () => {
    await expect(findCocoSplit("/nowhere", "val", wording)).rejects.toThrow(
      /^openDataset: no "val" split.*instances_val2014\.json.*Give a path that has it/,
    );
  });
});
