import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createShardWriter } from "@csl/image-batches";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { type OpenDatasetOptions, openDataset } from "../open-dataset.js";

const { at } = temporaryFolder();

async function lay(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(at(name, path)), { recursive: true });
    await writeFile(at(name, path), content);
  }
  return at(name);
}

/** The samples of train and val, in the order of the file. */
async function parts(
  path: string,
  options: OpenDatasetOptions = {},
): Promise<{ train: string[]; val: string[] }> {
  const dataset = await openDataset(path, { valShare: 0.2, ...options });
  const train = await dataset.split("train");
  const val = await dataset.split("val", { classes: train.truth.classes });
  return { train: [...train.truth.sampleIds], val: [...val.truth.sampleIds] };
}

const names = Array.from({ length: 50 }, (_, i) => `${i}.jpg`);
const rows = (paths: readonly string[]): string =>
  `path,positives\n${paths.map((path) => `${path},cat\n`).join("")}`;
/** A label file without splits, and its images, each of other bytes unless `contents` says which. */
const images = (paths: readonly string[], contents: Record<string, string> = {}): Record<string, string> => ({
  "labels.csv": rows(paths),
  ...Object.fromEntries(paths.map((path) => [path, contents[path] ?? `image ${path}`])),
});

describe("valShare", () => {
  it("takes that share, the same for the same seed, and another for another", async () => {
    const folder = await lay("plain", images(names));
    const { train, val } = await parts(folder);
    expect([train.length, val.length]).toEqual([40, 10]);
    expect([...train, ...val].sort()).toEqual([...names].sort());
    expect(await parts(folder)).toEqual({ train, val });
    expect((await parts(folder, { splitSeed: 1 })).val).not.toEqual(val);
    expect((await parts(folder, { valShare: 0.5 })).val).toHaveLength(25);
    expect((await parts(folder, { valShare: 0.001 })).val).toHaveLength(1);
    expect((await parts(folder, { valShare: 0.999 })).train).toHaveLength(1);
  });

  it("finds the images of both parts, also in shards that are named train", async () => {
    for (const [name, options] of [
      ["plain", {}],
      ["sharded", { images: at("sharded", "shards") }],
    ] as const) {
      if (name === "sharded") {
        await lay(name, { "train.csv": rows(names) });
        const writer = createShardWriter(at(name, "shards"), { prefix: "train" });
        for (const path of names) await writer.add(path.replace(".jpg", ""), { jpg: Buffer.from(path) });
        await writer.close();
      }
      const dataset = await openDataset(at(name), { valShare: 0.2, onMissing: "fail", ...options });
      await dataset.requireSplit("val");
      const val = await dataset.split("val");
      expect((await val.images()).list.length).toBe(10);
      expect((await (await dataset.split("train")).images()).list.length).toBe(40);
      expect(val.fileNames.at(0)).toBe(val.truth.sampleIds.at(0));
      expect(val.fileNames.at(10)).toBeUndefined();
    }
  });

  it.each([0, 1, 2, 3])(
    "keeps copies, links and what Roboflow made of one image together, with seed %d",
    async (splitSeed) => {
      const copies = names.filter((_, i) => i % 3 === 0).map((name) => `again/${name}`);
      const augmented = ["a", "b", "c"].flatMap((name) =>
        [1, 2, 3].map((i) => `${name}_jpg.rf.${"0123456789abcdef".repeat(2)}${i}.jpg`),
      );
      const all = [...names, ...copies, ...augmented];
      const contents = Object.fromEntries(
        copies.map((copy) => [copy, `image ${copy.replace("again/", "")}`]),
      );
      const folder = await lay(`copies-${splitSeed}`, {
        ...images(all, contents),
        "labels.csv": rows([...all, "link.jpg"]),
      });
      await symlink(at(`copies-${splitSeed}`, "7.jpg"), at(`copies-${splitSeed}`, "link.jpg"));
      const { train, val } = await parts(folder, { splitSeed });
      expect(val.length).toBeGreaterThan(5);
      const source = (name: string): string =>
        name
          .replace("link", "7")
          .replace("again/", "")
          .replace(/_jpg\.rf\..*/, "");
      const sources = new Set(val.map(source));
      expect(train.filter((name) => sources.has(source(name)))).toEqual([]);
    },
  );

  it("takes COCO's areas along, and makes val where all is for training", async () => {
    const coco = {
      images: names.map((name, i) => ({ id: i, file_name: name })),
      annotations: names.map((_, i) => ({ image_id: i, category_id: 1, area: i + 1 })),
      categories: [{ id: 1, name: "cat" }],
    };
    const folder = await lay("coco", { "_annotations.coco.json": JSON.stringify(coco) });
    const dataset = await openDataset(folder, { valShare: 0.1 });
    const { truth, areas, fileNames } = await dataset.split("val");
    expect([...areas!]).toEqual([...truth.sampleIds].map((id) => Number(id) + 1));
    expect(fileNames.at(4)).toBe(`${truth.sampleIds.at(4)}.jpg`);
  });

  it.each([
    ["val.csv", { "train.csv": rows(["1"]), "val.csv": rows(["2"]) }],
    ['val"|valid', { "labels.csv": "path,positives,split\n1,a,train\n2,a,Valid\n" }],
    [
      "instances_val.json",
      {
        "annotations/instances_train.json":
          '{"images":[{"id":1,"file_name":"a"}],"annotations":[{"image_id":1,"category_id":1}],"categories":[{"id":1,"name":"a"}]}',
        "annotations/instances_val.json": "{}",
      },
    ],
    [
      "validation-annotations",
      {
        "train-annotations-human-imagelabels.csv":
          "ImageID,Source,LabelName,Confidence\n000026e7ee790996,verification,/m/01,1\n",
        "validation-annotations-human-imagelabels.csv": "",
      },
    ],
  ])("is refused where there is a validation split: %s", async (own, files) => {
    const folder = await lay(`own-${own.replaceAll(/\W/g, "-")}`, files);
    await expect(parts(folder)).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringMatching(
        new RegExp(`data without a validation split for valShare.*(${own})`, "i"),
      ),
    });
  });

  it.each([[{ valShare: 0 }], [{ valShare: 1 }], [{ valShare: Number.NaN }], [{ splitSeed: 0.5 }]])(
    "refuses %j",
    async (options) => {
      await expect(openDataset(at("plain"), options)).rejects.toMatchObject({ code: "invalid-argument" });
    },
  );

  it("needs two different images", async () => {
    const folder = await lay("one", images(["a.jpg", "b.jpg"], { "a.jpg": "x", "b.jpg": "x" }));
    await expect(parts(folder)).rejects.toThrow(
      "expected at least two different images for valShare, got 1 among 2 samples",
    );
  });
});
