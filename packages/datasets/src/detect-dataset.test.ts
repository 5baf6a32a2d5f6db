import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detectDataset } from "./detect-dataset.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-detect-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const processed = `path,pos,neg,split\na.jpg,"['/m/01', '/m/02']",[],train\n`;

describe("detectDataset", () => {
  it.each([
    ["coco", "annotations/instances_train2014.json"],
    ["coco", "annotations/instances_train.json"],
    ["lvis", "annotations/lvis_v1_train.json"],
    ["lvis", "lvis_v0.5_train.json.gz"],
    ["openimages", "oidv6-train-annotations-human-imagelabels.csv"],
    ["openimages", "train/train-annotations-human-imagelabels-boxable.csv.gz"],
    ["openimages", "train/annotations-human.csv"],
    ["custom", "train.jsonl"],
    ["custom", "labels.csv"],
    ["custom", "train.csv.gz"],
    ["custom", "train.ndjson.gz"],
  ])("%s by %s", async (kind, name) => {
    await put({ [name]: "" });
    expect(await detectDataset(folder)).toEqual({ kind, evidence: name, others: [] });
    expect((await detectDataset(join(folder, name))).kind).toBe(kind);
  });

  it("tells the reference authors' data.csv from one's own by what it holds", async () => {
    await put({ "data.csv": processed });
    expect((await detectDataset(folder)).kind).toBe("openimages");
    await put({ "data.csv": "path,positives,negatives\na.jpg,cat;dog,*\n" });
    expect((await detectDataset(folder)).kind).toBe("custom");
    expect((await detectDataset(join(folder, "data.csv"))).kind).toBe("custom");
  });

  it("takes COCO where LVIS's annotations are next to it, by its training file, and says what else it could be", async () => {
    await put({
      "annotations/lvis_v1_train.json": "",
      "annotations/instances_val2017.json": "",
      "annotations/instances_train2017.json": "",
    });
    expect(await detectDataset(folder)).toEqual({
      kind: "coco",
      evidence: "annotations/instances_train2017.json",
      others: ["lvis"],
    });
  });

  it("says what it looks for when nothing is known or there", async () => {
    await put({ "notes.txt": "" });
    await expect(detectDataset(folder)).rejects.toThrow(
      /to hold a data set, got none.*\(COCO\).*\(LVIS\).*\(OpenImages\).*your own.*Say which it is with dataset/,
    );
    await expect(detectDataset(join(folder, "none"))).rejects.toThrow(
      /^detectDataset: expected path to be .*none, which does not exist/,
    );
  });
});
