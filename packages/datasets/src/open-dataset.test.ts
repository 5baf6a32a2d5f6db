import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createShardWriter } from "@csl/image-batches";
import { Label } from "@csl/labels";
import { drawScenes, exportLvis, exportOpenImages, openImagesId, type SceneSet } from "@csl/scenes";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { type DatasetReporter, type OpenDatasetOptions, openDataset } from "./open-dataset.js";

const { at } = temporaryFolder();
let set: SceneSet;

beforeAll(async () => {
  set = await drawScenes({ folder: at("scenes"), size: 32, train: 40, val: 12, ood: 6, classes: 8 });
}, 60_000);

/** Opens a data set and keeps what the terminal shows. */
async function open(data: string, options: OpenDatasetOptions = {}) {
  const told: string[] = [];
  const reporter: DatasetReporter = { note: (line) => told.push(line), progress() {}, progressEnd() {} };
  return { dataset: await openDataset(data, { reporter, ...options }), told };
}

/** The splits of scenes written as label files of your own, with absolute truth. */
async function customFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const split of ["train", "val"] as const) {
    const { images, annotations, categories } = JSON.parse(
      await readFile(set.splits[split].instances, "utf8"),
    );
    const rows = images.map(({ id, file_name }: { id: number; file_name: string }) => {
      const shown = annotations.filter((a: { image_id: number }) => a.image_id === id);
      const names = shown.map(
        (a: { category_id: number }) =>
          categories.find((c: { id: number }) => c.id === a.category_id).name as string,
      );
      return `${split}/${file_name},${[...new Set(names)].join(";")},*`;
    });
    await writeFile(join(folder, `${split}.csv`), `path,positives,negatives\n${rows.join("\n")}\n`);
  }
}

describe("openDataset", () => {
  it("COCO: every label known, areas for the schemes", async () => {
    const { dataset, told } = await open(at("scenes"), { cocoImages: "all" });
    expect(told[0]).toBe("data: COCO, by annotations/instances_train.json");
    const { truth, areas, images } = await dataset.split("train");
    expect([truth.numSamples, truth.numClasses, truth.defaultLabel]).toEqual([40, 8, Label.Negative]);
    expect(areas).toHaveLength(truth.entries.length);
    const { list, missing, selectRows } = await images();
    expect([list.length, missing, selectRows(truth)]).toEqual([40, 0, truth]);
    expect(list.at(2)).toBe(join(set.splits.train.images, "000003.jpg"));
    await expect(dataset.split("test")).rejects.toThrow(/no "test" split/);
  });

  it("a file of your own with both splits: what is wrong with its rows is reported once", async () => {
    const rows = ["a.jpg,cat,dog,train", "b.jpg,cat,cat,train", "c.jpg,,dog,val"];
    await writeFile(at("both.csv"), `path,positives,negatives,split\n${rows.join("\n")}\n`);
    const { dataset, told } = await open(at("both.csv"));
    const { truth } = await dataset.split("train");
    await dataset.split("val", { classes: truth.classes });
    expect(told.filter((line) => line.includes("both.csv:3:"))).toHaveLength(1);
    expect(new Set(told).size).toBe(told.length);
  });

  it("says at once, without reading anything, that the files of a split are not there", async () => {
    const { dataset } = await open(at("scenes"));
    await dataset.requireSplit("val");
    await expect(dataset.requireSplit("vla")).rejects.toThrow(/no "vla" split of COCO .*instances_vla2014/);
    await customFiles(at("own-splits"));
    const own = await open(at("own-splits"));
    await own.dataset.requireSplit("train");
    await expect(own.dataset.requireSplit("test")).rejects.toThrow(/no label file of "test".*test\.csv/);
  });

  it("LVIS: partial labels, frequency groups, images of COCO 2017", async () => {
    await exportLvis(set, { folder: at("lvis"), images: true });
    const { dataset, told } = await open(at("lvis"));
    expect(told[0]).toBe("data: LVIS, by annotations/lvis_v1_train.json");
    const train = await dataset.split("train");
    expect(train.truth.defaultLabel).toBe(Label.Unannotated);
    expect(train.frequency).toHaveLength(8);
    const { list } = await train.images();
    expect(list.at(2)).toBe(at("lvis", "train2017", "000000000003.jpg"));
  });

  it("OpenImages: official files zipped, trainable classes, machine labels for training only, ids in any layout", async () => {
    await exportOpenImages(set, {
      folder: at("oid"),
      release: "v6",
      gzip: true,
      trainableFrom: 4,
      annotatedShare: 0.6,
    });
    const { dataset, told } = await open(at("oid"));
    expect(told[0]).toBe("data: OpenImages, by oidv6-train-annotations-human-imagelabels.csv.gz");
    const train = await dataset.split("train");
    expect(told.some((line) => /label rows \(.*verification/.test(line))).toBe(true);
    expect(train.truth.numClasses).toBeGreaterThan(1);
    expect(train.trainable?.(0)).toBe(true);
    const val = await dataset.split("val", { classes: train.truth.classes });
    expect(val.truth.numSamples).toBe(12);
    expect(val.truth.classes.equals(train.truth.classes)).toBe(true);
    expect((await val.images()).list.length).toBe(12);

    const all = await open(at("oid"), { trainableOnly: false, machineLabels: true });
    const more = await all.dataset.split("train");
    expect(more.truth.numClasses).toBe(8);
    expect(more.truth.entries.length).toBeGreaterThan(train.truth.entries.length);
    const plain = await (await open(at("oid"), { trainableOnly: false })).dataset.split("val");
    const withMachine = await all.dataset.split("val");
    expect(withMachine.truth.hash()).toBe(plain.truth.hash());

    // Another layout: two hexadecimal digits a folder, elsewhere.
    const id = openImagesId(5);
    await mkdir(at("elsewhere", id.slice(0, 2)), { recursive: true });
    await copyFile(at("oid", "train", `${id}.jpg`), at("elsewhere", id.slice(0, 2), `${id}.jpg`));
    const moved = await open(at("oid"), { images: at("elsewhere"), reportFolder: at("report") });
    const some = await (await moved.dataset.split("train")).images();
    expect([some.list.length, some.missing]).toEqual([1, train.truth.numSamples - 1]);
    expect(some.list.at(0)).toBe(at("elsewhere", id.slice(0, 2), `${id}.jpg`));
    expect(some.selectRows(train.truth).sampleIds.at(0)).toBe(id);
  });

  it("OpenImages: the reference authors' data.csv, though official files are next to it", async () => {
    const { dataset } = await open(at("oid", "data.csv"));
    const train = await dataset.split("train");
    const val = await dataset.split("val", { classes: train.truth.classes });
    expect([train.truth.numSamples, val.truth.numSamples]).toEqual([40, 12]);
    expect((await val.images()).list.length).toBe(12);
  });

  it("label files of your own: one file a split, the training classes for both", async () => {
    await customFiles(at("custom"));
    const { dataset, told } = await open(at("custom"), { images: at("scenes") });
    expect(told[0]).toBe("data: a label file of your own, by train.csv");
    const val = await dataset.split("val");
    const train = await dataset.split("train");
    expect(val.truth.classes.ids).toEqual(train.truth.classes.ids);
    expect((await train.images()).list.length).toBe(40);
    const scenes = await (await open(at("scenes"), { cocoImages: "all" })).dataset.split("val");
    const positives = (table: typeof val.truth): number => {
      let count = 0;
      table.forEachEntry((_s, _c, label) => (count += label === Label.Positive ? 1 : 0));
      return count;
    };
    expect(positives(val.truth)).toBe(positives(scenes.truth));
  });

  it("label files of your own: a split column, a JSON list a line, and what is wrong with a row", async () => {
    const line = (path: string, split: string): string =>
      JSON.stringify({ path, positives: ["person"], negatives: ["car"], split });
    await mkdir(at("jsonl"), { recursive: true });
    await writeFile(
      at("jsonl", "mine.jsonl"),
      `${line("train/000001.jpg", "train")}\n{"path": \n${line("val/600001.jpg", "val")}\n`,
    );
    const { dataset, told } = await open(at("jsonl", "mine.jsonl"), { images: at("scenes") });
    const { truth, images } = await dataset.split("val");
    expect([truth.numSamples, truth.classes.ids]).toEqual([1, ["person", "car"]]);
    expect((await images()).list.length).toBe(1);
    expect(told.join("\n")).toMatch(/1 × a line that is not a JSON object; left out[\s\S]*mine\.jsonl:2/);
    await expect(dataset.split("test")).rejects.toThrow(/no split "test".*"train", "val"/);
  });

  it("what dataset says and the path is not", async () => {
    const refused = (dataset: NonNullable<OpenDatasetOptions["dataset"]>, data: string) =>
      expect(open(data, { dataset }).then(({ dataset: { split } }) => split("train"))).rejects;
    await customFiles(at("custom"));
    const file = at("custom", "train.csv");
    await refused("coco", file).toThrow(
      /expected path to be a folder \(COCO\).*got the file .*leave dataset out/,
    );
    await refused("lvis", file).toThrow(/a folder \(LVIS\)/);
    for (const kind of ["coco", "lvis", "openimages", "custom", "auto"] as const) {
      await refused(kind, at("nowhere")).toThrow(/nowhere, which does not exist\. Is the path right\?/);
    }
  });

  it("missing images: counted, listed, left out; or refused; none at all is an error", async () => {
    await exportLvis(set, { folder: at("holes"), images: true });
    for (const id of ["000000000002", "000000000031"]) await rm(at("holes", "train2017", `${id}.jpg`));
    const { dataset, told } = await open(at("holes"), { reportFolder: at("report") });
    const { truth, images } = await dataset.split("train");
    const { list, missing, selectRows } = await images();
    expect([list.length, missing]).toEqual([38, 2]);
    expect(list.at(1)).toBe(at("holes", "train2017", "000000000003.jpg"));
    expect([...selectRows(truth).sampleIds].slice(0, 3)).toEqual(["1", "3", "4"]);
    expect(told.at(-1)).toMatch(
      /2 of 40 images of "train" are not in .*missing-images-train\.txt lists them/,
    );
    expect(await readFile(at("report", "missing-images-train.txt"), "utf8")).toBe(
      "train2017/000000000002.jpg\ntrain2017/000000000031.jpg\n",
    );
    const strict = await open(at("holes"), { onMissing: "fail" });
    await expect((await strict.dataset.split("train")).images()).rejects.toThrow(
      /2 of 40 images.*onMissing drop/,
    );
    await mkdir(at("empty"), { recursive: true });
    const lost = await open(at("holes"), { images: at("empty") });
    await expect((await lost.dataset.split("train")).images()).rejects.toThrow(
      /got none of 40; the first would be train2017\/000000000001\.jpg.*Say where they are with images/,
    );
  });

  it("images in shards, under whatever part of the name the tool took as key", async () => {
    for (const [name, keyOf] of [
      ["path", (file: string) => `train2017/${file}`],
      ["name", (file: string) => file],
    ] as const) {
      const folder = at(`shards-${name}`);
      const writer = await createShardWriter(folder, { prefix: "train", maxSamples: 25 });
      for (const file of (await readdir(at("lvis", "train2017"))).sort().slice(1)) {
        const jpg = await readFile(at("lvis", "train2017", file));
        await writer.add(keyOf(file.slice(0, -4)), { jpg });
      }
      await writer.close();
      const { dataset } = await open(at("lvis"), {
        images: name === "path" ? folder : join(folder, "train-{000000..000001}.tar"),
      });
      const { list, missing } = await (await dataset.split("train")).images();
      expect([list.length, missing]).toEqual([39, 1]);
      expect(list.at(0)).toMatchObject({ file: join(folder, "train-000000.tar") });
      expect(list.at(38)).toMatchObject({ file: join(folder, "train-000001.tar") });
    }
  });
});
