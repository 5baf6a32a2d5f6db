import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { type OpenDatasetOptions, openDataset } from "./open-dataset.js";

const { at } = temporaryFolder();

/** Files of one data set; images are empty. */
async function lay(name: string, files: Record<string, string | Uint8Array>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(at(name, path)), { recursive: true });
    await writeFile(at(name, path), content);
  }
  return at(name);
}

async function open(path: string, options: OpenDatasetOptions = {}) {
  const told: string[] = [];
  const reporter = { note: (line: string) => told.push(line), progress() {}, progressEnd() {} };
  return { dataset: await openDataset(path, { reporter, ...options }), told };
}

/** COCO's form with images of these names, each with a cat. */
const coco = (...names: string[]): string =>
  JSON.stringify({
    images: names.map((name, i) => ({ id: i + 1, file_name: name })),
    annotations: names.map((_, i) => ({ image_id: i + 1, category_id: 1, area: 4 })),
    categories: [
      { id: 0, name: "animals", supercategory: "none" },
      { id: 1, name: "cat", supercategory: "animals" },
      { id: 2, name: "dog", supercategory: "animals" },
    ],
  });

describe("exports in COCO's form", () => {
  it.each([
    [
      "Roboflow",
      {
        "train/_annotations.coco.json": coco("a.jpg"),
        "train/a.jpg": "",
        "valid/_annotations.coco.json": coco("b.jpg"),
        "valid/b.jpg": "",
      },
    ],
    [
      "FiftyOne",
      {
        "train/labels.json": coco("a.jpg"),
        "train/data/a.jpg": "",
        "validation/labels.json": coco("b.jpg"),
        "validation/data/b.jpg": "",
      },
    ],
    [
      "COCO, gzipped",
      {
        "annotations/instances_train2017.json.gz": gzipSync(coco("a.jpg")),
        "train2017/a.jpg": "",
        "annotations/instances_val2017.json.gz": gzipSync(coco("b.jpg")),
        "val2017/b.jpg": "",
      },
    ],
  ])("%s: both splits", async (name, files) => {
    const { dataset, told } = await open(await lay(name, files));
    expect(dataset.kind).toBe("coco");
    const train = await dataset.split("train");
    const val = await dataset.split("val", { classes: train.truth.classes });
    // Roboflow's first category is the name of the whole.
    expect([train.truth.classes.names, val.truth.classes.names]).toEqual([
      ["cat", "dog"],
      ["cat", "dog"],
    ]);
    expect((await train.images()).list.nameAt(0)).toMatch(/a\.jpg$/);
    expect((await val.images()).list.nameAt(0)).toMatch(/b\.jpg$/);
    expect(told.join("\n")).toContain('train: left out "animals": not a class');
    await expect(dataset.requireSplit("test")).rejects.toThrow(
      /no "test" split.*test\/_annotations\.coco\.json/,
    );
  });

  it.each([
    ["Roboflow without splits", { "_annotations.coco.json": coco("a.jpg"), "a.jpg": "" }],
    ["FiftyOne without splits", { "labels.json": coco("a.jpg"), "data/a.jpg": "" }],
    ["CVAT", { "annotations/instances_default.json": coco("a.jpg"), "images/default/a.jpg": "" }],
    ["CVAT, its older form", { "annotations/instances_default.json": coco("a.jpg"), "images/a.jpg": "" }],
    ["Label Studio", { "result.json": coco("images/a.jpg"), "images/a.jpg": "" }],
  ])("%s: all is for training, and val has a way out", async (name, files) => {
    const { dataset } = await open(await lay(name, files));
    expect(dataset.kind).toBe("coco");
    expect((await (await dataset.split("train")).images()).list.length).toBe(1);
    await expect(dataset.split("val")).rejects.toThrow("with valShare 0.2");
  });

  it("a labels.json or result.json of another program is not taken for COCO's", async () => {
    const folder = await lay("foreign", {
      "result.json": '{"mapC": 0.5}',
      "labels.json": '{"a.jpg": 1}',
      "train.csv": "path,positives\na,b\n",
    });
    expect((await open(folder)).dataset.kind).toBe("custom");
  });
});

describe("FiftyOne's OpenImages folder", () => {
  const [id, other] = ["000026e7ee790996", "00007f94d1c6b2ac"];
  const split = (name: string, image: string) => ({
    [`${name}/labels/classifications.csv`]: `ImageID,Source,LabelName,Confidence\n${image},verification,/m/01,1\n${image},verification,/m/02,0\n`,
    [`${name}/labels/detections.csv`]: "ImageID,Source\n",
    [`${name}/metadata/classes.csv`]: "/m/01,Cat\n/m/02,Dog\n",
    [`${name}/metadata/hierarchy.json`]: '{"LabelName":"/m/01"}',
    [`${name}/data/${image}.jpg`]: "",
  });

  it("has its splits, names and images", async () => {
    const { dataset } = await open(
      await lay("open-images-v7", { ...split("train", id), ...split("validation", other) }),
      { expandHierarchy: true },
    );
    expect(dataset.kind).toBe("openimages");
    for (const [name, image] of [
      ["train", id],
      ["val", other],
    ] as const) {
      const { truth, images } = await dataset.split(name);
      expect([truth.classes.names, [...truth.dense([0])], [...truth.sampleIds]]).toEqual([
        ["Cat", "Dog"],
        [1, 0],
        [image],
      ]);
      expect((await images()).list.length).toBe(1);
    }
  });

  it("is taken as the folder of one split as well, and as one without a split", async () => {
    const { dataset } = await open(at("open-images-v7", "validation"));
    expect((await (await dataset.split("val")).images()).list.length).toBe(1);
    const files = Object.entries(split("x", id)).map(([path, text]) => [path.slice(2), text]);
    const exported = await open(await lay("exported", Object.fromEntries(files)));
    expect((await (await exported.dataset.split("train")).images()).list.length).toBe(1);
  });
});

describe("wide label files", () => {
  it("Roboflow's _classes.csv: a column per class, 1, 0, blank", async () => {
    const { dataset } = await open(
      await lay("wide", {
        "train/_classes.csv": "filename, cat, dog, cow\na.jpg, 1, 0,\nb.jpg, 0, , 1\n",
        "train/a.jpg": "",
        "train/b.jpg": "",
        "valid/_classes.csv": "filename, dog, cat, cow\nc.jpg, 1, 0, 0\n",
        "valid/c.jpg": "",
      }),
    );
    const train = await dataset.split("train");
    expect(train.truth.classes.ids).toEqual(["cat", "dog", "cow"]);
    expect([...train.truth.dense([0, 1])]).toEqual([1, 0, -1, 0, -1, 1]);
    const val = await dataset.split("val");
    expect([val.truth.classes.ids, [...val.truth.dense([0])]]).toEqual([
      ["cat", "dog", "cow"],
      [0, 1, 0],
    ]);
    expect((await val.images()).list.length).toBe(1);
  });

  it("as pandas writes them, with splits; other columns are refused by name, or left out by a class list", async () => {
    const text =
      "Unnamed: 0;Image Path;cat;dog;Subset\n0;a.jpg;1.0;;Train\n1;b.jpg;NaN;-1.0;Valid\n2;c.jpg;2;0;train\n";
    const { dataset, told } = await open(await lay("pandas", { "labels.csv": text }));
    const { truth } = await dataset.split("train");
    expect([truth.classes.ids, [...truth.dense([0])], truth.numSamples]).toEqual([
      ["cat", "dog"],
      [1, -1],
      1,
    ]);
    expect((await dataset.split("val")).truth.sampleIds.at(0)).toBe("b.jpg");
    expect(told.join("\n")).toMatch(
      /labels\.csv:4: expected 1, 0, -1 or nothing in the column "cat" of line 4, got "2"/,
    );

    const ages = { "train.csv": "Path,Sex,Edema,Pneumonia\na.jpg,Female,1,0\n" };
    await expect((await open(await lay("ages", ages))).dataset.split("train")).rejects.toThrow(
      /nothing in the column "Sex" of line 2, got "Female".*classes\.txt/,
    );
    const listed = await open(await lay("listed", { ...ages, "classes.txt": "Edema\nPneumonia\n" }));
    expect([...(await listed.dataset.split("train")).truth.dense([0])]).toEqual([1, 0]);
  });
});

describe("a label file without a split", () => {
  it("is for training, and the refusal of another split has a way out", async () => {
    const { dataset } = await open(
      await lay("unsplit", { "labels.csv": "path,positives\na.jpg,cat\nb.jpg,dog\n" }),
    );
    expect((await dataset.split("train")).truth.numSamples).toBe(2);
    await expect(dataset.split("val")).rejects.toThrow(
      /names no split: all of it is "train".*with valShare 0\.2/,
    );
  });

  it("rows without a split, where others have one, are counted", async () => {
    const { dataset, told } = await open(
      await lay("some", { "labels.csv": "path,positives,split\na.jpg,cat,train\nb.jpg,dog,\n" }),
    );
    expect((await dataset.split("train")).truth.numSamples).toBe(1);
    expect(told.join("\n")).toMatch(/1 rows of .* name no split/);
  });
});

it("LVIS: an id of two file names is left out and told", async () => {
  const image = (id: number, name: string) => ({ id, coco_url: `http://x/train2017/${name}` });
  const lvis = {
    images: [image(1, "a.jpg"), image(1, "b.jpg"), image(2, "c.jpg")],
    annotations: [1, 2].map((image_id) => ({ image_id, category_id: 1 })),
    categories: [{ id: 1, name: "cat", frequency: "r" }],
  };
  const { dataset, told } = await open(await lay("lvis2", { "lvis_v1_train.json": JSON.stringify(lvis) }));
  const { truth } = await dataset.split("train");
  expect([...truth.sampleIds]).toEqual(["2"]);
  expect(told.join("\n")).toMatch(
    /1 ids are left out, because they stand for several images \(first: id 1: /,
  );
});

it("LVIS negatives of unknown classes are told", async () => {
  const lvis = {
    images: [
      {
        id: 1,
        coco_url: "http://x/train2017/1.jpg",
        neg_category_ids: [1, 99, 98],
        not_exhaustive_category_ids: [97],
      },
    ],
    annotations: [],
    categories: [{ id: 1, name: "cat", frequency: "r" }],
  };
  const { dataset, told } = await open(await lay("lvis", { "lvis_v1_train.json": JSON.stringify(lvis) }));
  await dataset.split("train");
  expect(told.join("\n")).toMatch(
    /3 entries of neg_category_ids .* name a category that the file does not list/,
  );
});
