import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createShardWriter } from "@csl/image-batches";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, test } from "vitest";
import { type OpenDatasetOptions, openDataset } from "./open-dataset.js";

const { at } = temporaryFolder();
let number = 0;

/** Lays out files in a new folder. */
async function lay(files: Record<string, string>): Promise<string> {
  const folder = at(`data-${number++}`);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function opened(folder: string, split: string, options: OpenDatasetOptions = {}) {
  const told: string[] = [];
  const reporter = { note: (line: string) => told.push(line), progress() {}, progressEnd() {} };
  const dataset = await openDataset(folder, { reporter, ...options });
  const { truth, images } = await dataset.split(split);
  const { list, selectRows } = await images();
  const labels = selectRows(truth);
  const rows = Array.from(
    { length: list.length },
    (_, i) => `${list.nameAt(i)} ${labels.dense([i]).join(" ")}`,
  );
  return { rows, told, list };
}

const csv = (...rows: string[]): string => `path,positives,negatives\n${rows.join("\n")}\n`;

describe("shards of train and val that both count from 1", () => {
  const labels = { "train.csv": csv("1.jpg,cat,", "2.jpg,dog,"), "val.csv": csv("1.jpg,dog,", "2.jpg,cat,") };

  async function shards(folder: string, names: Record<string, string>): Promise<string> {
    for (const [prefix, below] of Object.entries(names)) {
      const writer = await createShardWriter(join(folder, "shards", below), { prefix });
      for (const key of ["1", "2"]) await writer.add(key, { jpg: Buffer.from(`${prefix} ${key}`) });
      await writer.close();
    }
    return join(folder, "shards");
  }

  test("each split has its own images", async () => {
    const folder = await lay(labels);
    const images = await shards(folder, { coco_train2017: "", coco_val2017: "" });
    expect((await opened(folder, "train", { images })).rows).toEqual([
      "coco_train2017-000000.tar/1 1 -1",
      "coco_train2017-000000.tar/2 -1 1",
    ]);
    const val = await opened(folder, "val", { images });
    expect(val.rows).toEqual(["coco_val2017-000000.tar/1 -1 1", "coco_val2017-000000.tar/2 1 -1"]);
    expect(val.told.join("\n")).toMatch(
      /2 samples have the key of another one \(1, 2\): 1 is in .*train2017/,
    );
  });

  test("a split without shards of its own has no images, and says why", async () => {
    const folder = await lay(labels);
    const images = await shards(folder, { train: "" });
    await expect(opened(folder, "val", { images })).rejects.toThrow(
      /got none of 2; .*not looked for in 1 of 1 shards, which are named like another split \(train-000000\.tar\)/,
    );
  });

  test("shards whose names tell no split are refused", async () => {
    const folder = await lay(labels);
    const images = await shards(folder, { a: "", b: "" });
    await expect(opened(folder, "val", { images })).rejects.toThrow(
      /one image with the key "1", got different/,
    );
  });
});

describe("which folder has the images", () => {
  test("the one with most of them; the split's own first", async () => {
    const folder = await lay({
      ...{ "val.csv": csv("1.jpg,cat,", "2.jpg,dog,", "3.jpg,cat,"), "1.jpg": "", "2.jpg": "", "3.jpg": "" },
      ...{ "val/1.jpg": "", "val/2.jpg": "", "val/3.jpg": "", "images/2.jpg": "" },
    });
    expect((await opened(folder, "val")).list.at(0)).toBe(join(folder, "val", "1.jpg"));
    const spread = await lay({
      "val.csv": csv("1.jpg,cat,", "2.jpg,dog,", "3.jpg,cat,"),
      ...{ "1.jpg": "", "images/2.jpg": "", "images/3.jpg": "" },
    });
    const { list, told } = await opened(spread, "val");
    expect([list.length, list.at(0)]).toEqual([2, join(spread, "images", "2.jpg")]);
    expect(told.at(-1)).toMatch(
      /1 of 3 images of "val" are not in .*first: 1\.jpg: .* has 2 entries, and no such file/,
    );
  });

  test("a part of the images, however small, is that part", async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => `photos/${i}.jpg,cat,`);
    const folder = await lay({ "train.csv": csv(...rows), "part/photos/1999.jpg": "" });
    const { rows: found } = await opened(folder, "train", { images: join(folder, "part") });
    expect(found).toEqual(["photos/1999.jpg 1"]);
  });

  test.each(["{set}", "{a,b}", "x.tar"])("in a folder that is called %s", async (name) => {
    const folder = await lay({ "train.csv": csv("a/1.jpg,cat,"), [`${name}/a/1.jpg`]: "" });
    expect((await opened(folder, "train", { images: join(folder, name) })).list.length).toBe(1);
    const inside = await lay({ [`${name}/train.csv`]: csv("1.jpg,cat,"), [`${name}/1.jpg`]: "" });
    expect((await opened(join(inside, name), "train")).list.length).toBe(1);
  });

  test.each([
    ["a folder that is not there", "a/1.jpg", /has no folder a\b/],
    ["another ending", "photos/1.jpeg", /photos has no such file\. Did you mean 1\.jpg\?/],
    ["a mistyped name", "photos/beech.jpg", /Did you mean beach\.jpg\?/],
    ["a URL", "https://host/x/9.jpg", /it is a URL.*fetch the images first/],
    ["a path of another machine", "/home/her/9.jpg", /no such file, and none of its last parts is below/],
  ])("the first name that is not found is told with why: %s", async (_, name, why) => {
    const folder = await lay({
      "train.csv": csv(`${name},cat,`),
      "photos/1.jpg": "",
      "photos/beach.jpg": "",
    });
    await expect(opened(folder, "train")).rejects.toThrow(why);
  });
});

describe("one image under several names", () => {
  test("is one sample with the labels of all; contradictions are un-annotated, and told", async () => {
    const folder = await lay({ "photos/1.jpg": "", "photos/2.jpg": "" });
    await symlink("1.jpg", join(folder, "photos", "link.jpg"));
    await symlink("photos", join(folder, "pictures"));
    const rows = [
      "photos/1.jpg,cat,cow",
      "photos/2.jpg,cow,",
      `${folder}/photos/1.jpg,dog,`,
      "pictures/1.jpg,,cat",
      "photos/link.jpg,bird,",
    ];
    await writeFile(join(folder, "train.csv"), csv(...rows));
    const { rows: found, told } = await opened(folder, "train");
    expect(found).toEqual(["photos/1.jpg -1 0 1 1", "photos/2.jpg -1 1 -1 -1"]);
    expect(told.at(-1)).toMatch(
      /train: 1 images have several names .*first: photos\/1\.jpg and \/.* merged, and 1 that contradict each other are un-annotated/,
    );
  });
});

test("COCO: images without annotations, ids of one image and of several: said with numbers and the option", async () => {
  const images = ["1.jpg", "2.jpg", "3.jpg", "1.jpg", "5.jpg"].map((file_name, i) => ({
    id: i + 1,
    file_name,
  }));
  const annotations = [1, 4, 5].map((image_id) => ({ image_id, category_id: 1, area: 1 }));
  const text = JSON.stringify({
    images: [...images, { id: 5, file_name: "6.jpg" }],
    ...{ annotations, categories: [{ id: 1, name: "a" }] },
  });
  const folder = await lay({
    "annotations/instances_train.json": text,
    ...Object.fromEntries(["1", "2", "3", "5", "6"].map((name) => [`train/${name}.jpg`, name])),
  });
  const options = { optionName: (name: string) => `--${name}` };
  const { rows, told } = await opened(folder, "train", options);
  expect(rows).toEqual(["1.jpg 1"]);
  expect(told.slice(1)).toEqual([
    "train: 1 ids name an image that has another id as well; the labels are merged (first: 1.jpg: 1 and 4)",
    "train: 1 ids are left out, because they stand for several images (first: id 5: 5.jpg and 6.jpg)",
    "train: 2 images without an annotation are left out; --cocoImages all keeps them, as images without any class",
  ]);
  const all = await opened(folder, "train", { ...options, cocoImages: "all" });
  expect([all.rows.length, all.told.some((line) => line.includes("without an annotation"))]).toEqual([
    3,
    false,
  ]);
});
