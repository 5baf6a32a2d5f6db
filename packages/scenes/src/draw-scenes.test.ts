import { createHash } from "node:crypto";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CocoInstances } from "./coco-instances.js";
import { drawScenes } from "./draw-scenes.js";
import { sceneClasses } from "./drawings/scene-classes.js";
import { exportOpenImages, openImagesId } from "./exports/export-open-images.js";
import { panoramaNames } from "./painting/panorama.js";
import type { SceneSet, SplitName } from "./scene-set.js";

let root: string;
let set: SceneSet;
const choices = { size: 64, seed: 5, train: 60, val: 20, ood: 20 };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-scenes-"));
  set = await drawScenes({ folder: join(root, "set"), ...choices });
}, 60_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const instances = async (s: SceneSet, split: SplitName): Promise<CocoInstances> =>
  JSON.parse(await readFile(s.splits[split].instances, "utf8")) as CocoInstances;

/** Which classes which image shows: does not change when another rasteriser moves a pixel. */
const labelsHash = ({ annotations }: CocoInstances): string =>
  createHash("sha256")
    .update(annotations.map((a) => `${a.image_id}:${a.category_id}`).join())
    .digest("hex")
    .slice(0, 16);

describe("drawScenes", () => {
  it("writes the images that its instances files list", async () => {
    for (const split of ["train", "val", "ood"] as const) {
      const { images } = await instances(set, split);
      expect(images).toHaveLength(choices[split]);
      expect((await readdir(set.splits[split].images)).sort()).toEqual(
        images.map((image) => image.file_name),
      );
      const meta = await sharp(join(set.splits[split].images, images[0]!.file_name)).metadata();
      expect([meta.format, meta.width, meta.height, meta.channels, meta.chromaSubsampling]).toEqual([
        "jpeg",
        64,
        64,
        3,
        "4:4:4",
      ]);
    }
  });

  it("annotates as COCO does", async () => {
    const ids: number[] = [];
    for (const split of ["train", "val", "ood"] as const) {
      const { images, annotations, categories } = await instances(set, split);
      expect(categories).toEqual(
        [...sceneClasses]
          .sort((a, b) => a.cocoId - b.cocoId)
          .map((c) => ({ id: c.cocoId, name: c.name, supercategory: c.supercategory })),
      );
      expect(set.classes.map(({ id }) => id)).toEqual(categories.map(({ id }) => String(id)));
      const imageIds = new Set(images.map(({ id }) => id));
      for (const { id, image_id, category_id, bbox, area, iscrowd, segmentation } of annotations) {
        ids.push(id);
        const [x, y, w, h] = bbox;
        expect(imageIds.has(image_id)).toBe(true);
        expect(categories.some((category) => category.id === category_id)).toBe(true);
        expect(x >= 0 && y >= 0 && w >= 1 && h >= 1 && x + w <= 64 && y + h <= 64).toBe(true);
        expect(area).toBeLessThanOrEqual(w * h);
        expect(area).toBeGreaterThanOrEqual(0.0025 * 64 * 64);
        expect(iscrowd).toBe(0);
        expect(segmentation).toEqual([[x, y, x + w, y, x + w, y + h, x, y + h]]);
      }
      ids.push(...imageIds);
    }
    expect(new Set(ids).size).toBe(ids.length); // unique over all splits
  });

  it("labels the second class of a drawing too", async () => {
    const { annotations } = await instances(set, "train");
    const surfboard = annotations.filter((a) => a.category_id === 42 || a.category_id === 36);
    expect(surfboard.length).toBeGreaterThan(0);
    for (const board of surfboard) {
      const rider = annotations.find((a) => a.id === board.id + 1);
      expect(rider).toMatchObject({
        category_id: 1,
        bbox: board.bbox,
        area: board.area,
        image_id: board.image_id,
      });
    }
  });

  it("holds back two styles and three backgrounds for ood", async () => {
    const used = async (split: SplitName) => {
      const { images, annotations } = await instances(set, split);
      return {
        styles: new Set(annotations.map(({ drawing }) => drawing.split("/")[0])),
        backgrounds: images.map(({ background }) => background),
      };
    };
    for (const split of ["train", "val"] as const) {
      const { styles, backgrounds } = await used(split);
      expect([...styles].sort()).toEqual(["emojione", "fluent-emoji-flat", "fxemoji", "noto", "noto-v1"]);
      for (const name of backgrounds) expect(panoramaNames.training).toContain(name);
    }
    const ood = await used("ood");
    expect([...ood.styles].sort()).toEqual(["fluent-3d", "twemoji"]);
    for (const name of ood.backgrounds) expect(panoramaNames.heldBack).toContain(name);
  });

  it("gives the same labels everywhere (pinned)", async () => {
    expect(labelsHash(await instances(set, "train"))).toBe("169fce59a492fc82");
    expect(labelsHash(await instances(set, "ood"))).toBe("36c40a2de150a5e9");
  });

  it("repeats itself bit for bit, and scene i depends on no other scene", async () => {
    const fewer = await drawScenes({ folder: join(root, "fewer"), ...choices, train: 7, val: 0, ood: 0 });
    for (const name of await readdir(fewer.splits.train.images)) {
      const again = await readFile(join(fewer.splits.train.images, name));
      expect(again.equals(await readFile(join(set.splits.train.images, name)))).toBe(true);
    }
    const all = await instances(set, "train");
    const some = await instances(fewer, "train");
    const ids = some.images.map(({ id }) => id);
    expect(some.annotations).toEqual(all.annotations.filter(({ image_id }) => ids.includes(image_id)));
    const other = await drawScenes({
      folder: join(root, "other"),
      ...choices,
      seed: 6,
      train: 7,
      val: 0,
      ood: 0,
    });
    expect(labelsHash(await instances(other, "train"))).not.toBe(labelsHash(some));
  });

  it("takes a number of classes or names", async () => {
    const counts = { train: 5, val: 0, ood: 0 };
    const three = await drawScenes({ folder: join(root, "three"), ...counts, classes: 3 });
    expect(three.classes.map(({ name }) => name)).toEqual(["person", "car", "cup"]);
    const named = await drawScenes({ folder: join(root, "named"), ...counts, classes: ["zebra", "fork"] });
    expect(named.classes).toEqual([
      { id: "24", name: "zebra" },
      { id: "48", name: "fork" },
    ]);
    // The knife beside the fork is not of these classes, so it is not labelled.
    expect(new Set((await instances(named, "train")).annotations.map((a) => a.category_id))).toEqual(
      new Set([24, 48]),
    );
  });
});

describe("drawScenes on a folder that is not new", () => {
  const few = { size: 64, train: 4, val: 2, ood: 0, classes: 3 };

  it("leaves a complete set of the same choices as it is", async () => {
    const folder = join(root, "again");
    expect((await drawScenes({ folder, ...few })).reused).toBe(false);
    const before = await stat(join(folder, "train", "000001.jpg"));
    const progress: number[] = [];
    const second = await drawScenes({ folder, ...few, onProgress: (done) => progress.push(done) });
    expect(second.reused).toBe(true);
    expect(progress).toEqual([]);
    expect((await stat(join(folder, "train", "000001.jpg"))).mtimeMs).toBe(before.mtimeMs);
    const changed = await drawScenes({ folder, ...few, seed: 2, onProgress: (done) => progress.push(done) });
    expect(changed.reused).toBe(false);
    expect(progress.at(-1)).toBe(6);
  });

  it.each([
    ["an image", "train/000002.jpg"],
    ["an instances file", "annotations/instances_val.json"],
    ["scenes.json", "scenes.json"],
  ])("draws a set again that lacks %s", async (_, missing) => {
    const folder = join(root, "lacking");
    await drawScenes({ folder, ...few });
    await rm(join(folder, missing));
    if (missing === "scenes.json") await writeFile(join(folder, "scenes.unfinished"), ""); // as an interruption leaves it
    expect((await drawScenes({ folder, ...few })).reused).toBe(false);
    expect((await drawScenes({ folder, ...few })).reused).toBe(true);
  });

  it("leaves nothing that looks complete when it is stopped", async () => {
    const folder = join(root, "stopped");
    const stop = new AbortController();
    const drawing = drawScenes({
      folder,
      ...few,
      train: 100,
      signal: stop.signal,
      onProgress: (done) => done === 20 && stop.abort(),
    });
    await expect(drawing).rejects.toThrow(/abort/i);
    const left = await readdir(folder);
    expect(left).toContain("scenes.unfinished");
    expect(left).not.toContain("scenes.json");
    expect(left).not.toContain("annotations");
    expect((await drawScenes({ folder, ...few })).reused).toBe(false);
  });

  it("leaves every file that a person put among its own, drawn again, in exports and after a stop too", async () => {
    const folder = join(root, "with own files");
    const small = { folder, size: 32, train: 2, val: 1, ood: 0, classes: 2 };
    await exportOpenImages(await drawScenes(small));
    const own = [
      "notes.txt",
      "train/holiday.jpg",
      "train/000777.jpg",
      "train/best/000001.jpg",
      "annotations/instances_mine.json",
      "openimages/train/mine.jpg",
      "openimages/my-labels.csv",
      "lvis/mine.json",
    ];
    for (const file of own) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), file);
    }
    const exported = join("openimages", "train", `${openImagesId(2)}.jpg`);
    const there = async (): Promise<string[]> => readdir(folder, { recursive: true });
    expect(await there()).toContain(exported);
    expect((await drawScenes(small)).reused).toBe(true);

    const stop = new AbortController();
    const onProgress = (done: number): void => void (done === 1 && stop.abort());
    const stopped = drawScenes({ ...small, train: 30, signal: stop.signal, onProgress });
    await expect(stopped).rejects.toThrow(/abort/i);
    await drawScenes({ ...small, train: 1 });
    const left = await there();
    for (const file of own) expect(await readFile(join(folder, file), "utf8")).toBe(file);
    expect(left).not.toContain(exported);
    expect(left.filter((file) => /train.0{3}/.test(file)).sort()).toEqual(
      ["train/000001.jpg", "train/000777.jpg"].map((file) => join(file)),
    );

    await expect(drawScenes({ ...small, train: 777 })).rejects.toThrow(
      /expected no file at .*000777\.jpg but those that it wrote, got another one/,
    );
    expect((await drawScenes({ ...small, train: 1 })).reused).toBe(true);
  });

  it("follows no list of files that leads out of its folder", async () => {
    const folder = join(root, "with a changed list");
    const small = { folder, size: 32, train: 1, val: 1, ood: 0, classes: 2 };
    await drawScenes(small);
    await writeFile(join(root, "precious"), "mine");
    await appendFile(join(folder, "scenes.files"), `../precious\n${join(root, "precious")}\n`);
    expect((await drawScenes({ ...small, seed: 2 })).reused).toBe(false);
    expect(await readFile(join(root, "precious"), "utf8")).toBe("mine");
  });

  it("refuses a folder with other files, and one it cannot write", async () => {
    const folder = join(root, "mine");
    await mkdir(join(folder, "train"), { recursive: true });
    await writeFile(join(folder, "train", "holiday.jpg"), "x");
    await expect(drawScenes({ folder, ...few })).rejects.toThrow(
      /drawScenes: expected an empty or new folder.*other files/,
    );
    expect(await readdir(join(folder, "train"))).toEqual(["holiday.jpg"]);
    const below = join(folder, "train", "holiday.jpg", "set");
    await expect(drawScenes({ folder: below, ...few })).rejects.toThrow(/drawScenes: expected .*ENOTDIR/);
  });

  it.each([
    [{ size: 8 }, /expected size to be a whole number from 32 to 1024; got 8/],
    [{ train: -1 }, /expected train to be a whole number/],
    [{ train: Number.NaN }, /expected train/],
    [{ classes: 68 }, /expected classes to be a whole number from 1 to 67; got 68/],
    [{ classes: ["dgo"] }, /expected classes to be names of: person, car.*got "dgo"/],
    [{ classes: ["dog", "dog"] }, /every name once/],
    [{ quality: 0 }, /expected quality/],
    [{ objectSize: [0.5, 0.2] as const }, /expected objectSize/],
    [{ seed: 1.5 }, /expected seed/],
  ])("rejects %j", async (wrong, message) => {
    await expect(drawScenes({ folder: join(root, "never"), ...few, ...wrong })).rejects.toThrow(message);
    expect(await readdir(root)).not.toContain("never");
  });
});
