import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CocoInstances } from "../coco-instances.js";
import { drawContactSheet } from "../contact-sheet.js";
import { drawScenes } from "../draw-scenes.js";
import { sceneClasses } from "../drawings/scene-classes.js";
import type { SceneSet, SplitName } from "../scene-set.js";
import { exportLvis } from "./export-lvis.js";
import { exportOpenImages, openImagesId } from "./export-open-images.js";
import type { LvisFile } from "./lvis-file.js";

let root: string;
let set: SceneSet;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-exports-"));
  set = await drawScenes({ folder: join(root, "set"), train: 120, val: 10, ood: 6, classes: 10 });
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

/** The truth as "image id/COCO id" of everything shown. */
async function shown(split: SplitName): Promise<Set<string>> {
  const { annotations } = JSON.parse(await readFile(set.splits[split].instances, "utf8")) as CocoInstances;
  return new Set(annotations.map((a) => `${a.image_id}/${a.category_id}`));
}
const readRows = async (path: string): Promise<string[]> =>
  (await readFile(path, "utf8")).trimEnd().split("\n");

describe("exportOpenImages", () => {
  it("verifies only what is true, in about the asked share", async () => {
    const truth = await shown("train");
    const { splits } = await exportOpenImages(set);
    const [header, ...rows] = await readRows(splits.train.labels);
    expect(header).toBe("ImageID,Source,LabelName,Confidence");
    const imageIds = new Map(Array.from({ length: 120 }, (_, i) => [openImagesId(i + 1), i + 1]));
    const classIds = new Map(sceneClasses.map(({ mid, cocoId }) => [mid, cocoId]));
    let positives = 0;
    for (const row of rows) {
      const [id, source, mid, confidence] = row.split(",") as [string, string, string, string];
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(source).toMatch(/^(crowdsource-)?verification$/);
      expect(truth.has(`${imageIds.get(id)}/${classIds.get(mid)}`)).toBe(confidence === "1");
      if (confidence === "1") positives++;
    }
    // Binomial: 0.6 of ~330 positives and 0.2 of ~870 negatives, within four standard deviations.
    expect(Math.abs(positives / truth.size - 0.6)).toBeLessThan(0.11);
    expect(Math.abs((rows.length - positives) / (1200 - truth.size) - 0.2)).toBeLessThan(0.06);
  });

  it("writes every table in OpenImages' order with as many rows as images, and the images", async () => {
    const result = await exportOpenImages(set);
    for (const [split, count] of [
      ["train", 120],
      ["validation", 10],
      ["test", 6],
    ] as const) {
      const ids = (await readRows(result.splits[split].imageList)).slice(1).map((row) => row.slice(0, 16));
      expect(ids).toHaveLength(count);
      expect(ids).toEqual([...ids].sort());
      expect((await readdir(result.splits[split].images)).sort()).toEqual(ids.map((id) => `${id}.jpg`));
    }
    const image = await readFile(join(result.splits.train.images, `${openImagesId(3)}.jpg`));
    expect(image.equals(await readFile(join(set.splits.train.images, "000003.jpg")))).toBe(true);
    const descriptions = await readRows(result.classDescriptions);
    expect(descriptions[0]).toBe("LabelName,DisplayName");
    expect(descriptions).toContain("/m/0bt9lr,Dog");
    const trainable = await readRows(result.trainableClasses);
    expect(trainable.length).toBeGreaterThan(0);
    expect(descriptions.slice(1).map((row) => row.split(",")[0])).toEqual(expect.arrayContaining(trainable));
  });

  it("writes data.csv with the same labels as Python lists", async () => {
    const { dataCsv, splits } = await exportOpenImages(set);
    const [, ...rows] = await readRows(dataCsv);
    expect(rows).toHaveLength(130);
    expect(rows[0]).toMatch(/^train\/[0-9a-f]{16}\.jpg,("?)\[.*\]\1,("?)\[.*\]\2,train$/);
    const mids = rows
      .filter((row) => row.endsWith(",train"))
      .flatMap((row) => row.match(/'\/m\/\w+'/g) ?? []);
    expect(mids).toHaveLength((await readRows(splits.train.labels)).length - 1);
  });

  it("gives the full truth at share 1, the same again for the same seed, and refuses other shares", async () => {
    const full = await exportOpenImages(set, { annotatedShare: 1, folder: join(root, "full") });
    expect(await readRows(full.splits.validation.labels)).toHaveLength(1 + 10 * 10);
    const a = await exportOpenImages(set, { seed: 4, folder: join(root, "a") });
    const b = await exportOpenImages(set, { seed: 4, folder: join(root, "b") });
    expect(await readRows(a.splits.train.labels)).toEqual(await readRows(b.splits.train.labels));
    await expect(exportOpenImages(set, { annotatedShare: 2 })).rejects.toThrow(
      /exportOpenImages: expected annotatedShare in 0..1/,
    );
  });
});

describe("exportOpenImages as OpenImages V6 publishes it", () => {
  it("official names, gzipped tables, and machine labels that are fractional and mostly right", async () => {
    const plain = await exportOpenImages(set, { folder: join(root, "plain") });
    const { splits, classDescriptions, trainableClasses } = await exportOpenImages(set, {
      folder: join(root, "v6"),
      release: "v6",
      gzip: true,
    });
    const below = (path: string): string => path.slice(join(root, "v6").length + 1);
    expect(
      [splits.train.labels, splits.test.labels, splits.train.imageList, splits.validation.imageList].map(
        below,
      ),
    ).toEqual([
      "oidv6-train-annotations-human-imagelabels.csv.gz",
      "test-annotations-human-imagelabels.csv.gz",
      "oidv6-train-images-with-labels-with-rotation.csv.gz",
      "validation-images-with-rotation.csv.gz",
    ]);
    expect([classDescriptions, trainableClasses].map(below)).toEqual([
      "oidv6-class-descriptions.csv",
      "oidv6-classes-trainable.txt",
    ]);
    const unzipped = async (path: string): Promise<string> => gunzipSync(await readFile(path)).toString();
    expect(await unzipped(splits.train.labels)).toBe(await readFile(plain.splits.train.labels, "utf8"));

    const truth = await shown("train");
    const imageIds = new Map(Array.from({ length: 120 }, (_, i) => [openImagesId(i + 1), i + 1]));
    const classIds = new Map(sceneClasses.map(({ mid, cocoId }) => [mid, cocoId]));
    const rows = (await unzipped(splits.train.machineLabels)).trimEnd().split("\n").slice(1);
    let right = 0;
    for (const row of rows) {
      const [id, source, mid, confidence] = row.split(",") as [string, string, string, string];
      expect(source).toBe("machine");
      expect(confidence).toMatch(/^0\.[4-9]$/);
      if (truth.has(`${imageIds.get(id)}/${classIds.get(mid)}`)) right++;
    }
    expect(right / rows.length).toBeGreaterThan(0.8);
  });
});

describe("exportLvis", () => {
  it("lays the folder out as LVIS beside COCO 2017", async () => {
    const { splits, folder } = await exportLvis(set, { folder: join(root, "lvis"), images: true });
    expect(splits.val).toBe(join(folder, "annotations", "lvis_v1_val.json"));
    const { images } = JSON.parse(await readFile(splits.val, "utf8")) as LvisFile;
    expect(images[0]!.coco_url).toBe("http://images.invalid/val2017/000000600001.jpg");
    expect(await readdir(join(folder, "val2017"))).toHaveLength(10);
    const image = await readFile(join(folder, "train2017", "000000000003.jpg"));
    expect(image.equals(await readFile(join(set.splits.train.images, "000003.jpg")))).toBe(true);
  });

  it("has the form of LVIS and only true labels", async () => {
    const { splits } = await exportLvis(set);
    const file = JSON.parse(await readFile(splits.train, "utf8")) as LvisFile;
    const truth = await shown("train");
    const cocoId = new Map(
      file.categories.map(({ id, name }) => [
        id,
        sceneClasses.find((c) => c.name.replaceAll(" ", "_") === name)!.cocoId,
      ]),
    );
    expect(file.categories.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
    expect(file.images).toHaveLength(120);
    const kept = new Set(file.annotations.map((a) => `${a.image_id}/${cocoId.get(a.category_id)}`));
    for (const entry of kept) expect(truth.has(entry)).toBe(true);
    expect(Math.abs(kept.size / truth.size - 0.8)).toBeLessThan(0.09);
    for (const image of file.images) {
      expect(image).not.toHaveProperty("file_name");
      const path = image.coco_url.split("/").slice(-2).join("/");
      expect((await readFile(join(set.folder, path))).length).toBeGreaterThan(100);
      for (const id of image.neg_category_ids) expect(truth.has(`${image.id}/${cocoId.get(id)}`)).toBe(false);
      for (const id of image.not_exhaustive_category_ids)
        expect(kept.has(`${image.id}/${cocoId.get(id)}`)).toBe(true);
    }
    expect(file.images.some((image) => image.not_exhaustive_category_ids.length > 0)).toBe(true);
    const person = file.categories.find(({ name }) => name === "person")!;
    const own = file.annotations.filter((a) => a.category_id === person.id);
    expect(person.instance_count).toBe(own.length);
    expect(person.image_count).toBe(new Set(own.map((a) => a.image_id)).size);
    expect(person.frequency).toBe(person.image_count > 100 ? "f" : "c");
  });

  it("needs a drawn set", async () => {
    const lost = {
      ...set,
      splits: { ...set.splits, val: { ...set.splits.val, instances: join(root, "none.json") } },
    };
    await expect(exportLvis(lost)).rejects.toThrow(
      /exportLvis: expected the instances file of a drawn set.*Draw the set first/,
    );
  });
});

describe("drawContactSheet", () => {
  it("shows the first images of a split", async () => {
    const { width, height, format } = await sharp(
      await drawContactSheet(set, "ood", { columns: 4, tile: 64 }),
    ).metadata();
    expect([format, width, height]).toEqual(["png", 4 * 68 + 4, 2 * 68 + 4]); // six images in rows of four
  });

  it("refuses a split without images", async () => {
    const none = { ...set, splits: { ...set.splits, val: { ...set.splits.val, count: 0 } } };
    await expect(drawContactSheet(none, "val")).rejects.toThrow(
      /drawContactSheet: expected .*split with images/,
    );
  });
});
