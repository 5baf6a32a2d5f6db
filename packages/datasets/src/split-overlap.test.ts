import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ClassList, LabelTableBuilder } from "@csl/labels";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { openDataset } from "./open-dataset.js";
import { type OverlapSplit, splitOverlap } from "./split-overlap.js";

const { at } = temporaryFolder();

function side(
  name: string,
  samples: [id: string, file: string][],
  options: Partial<OverlapSplit> = {},
): OverlapSplit {
  const builder = new LabelTableBuilder(ClassList.from([{ id: "a", name: "a" }]));
  for (const [id] of samples) builder.addSample(id);
  return {
    name,
    truth: builder.build(),
    fileNames: samples.map(([, file]) => file),
    roots: [`/data/${name}`],
    ...options,
  };
}

const none = { count: 0, byId: 0, byPath: 0, byContent: 0, sameNames: 0, examples: [] };

describe("splitOverlap without images", () => {
  it("equal ids and names are not the same image: every split of your own may count from 1", async () => {
    const train = side("train", [["1", "1.jpg"]]);
    expect(await splitOverlap(train, side("val", [["1", "1.jpg"]]))).toEqual({ ...none, sameNames: 1 });
  });

  it("global ids count by themselves, whatever the names", async () => {
    const train = side("train", [["000026e7ee790996", "train/000026e7ee790996.jpg"]]);
    const val = side("val", [["000026e7ee790996", "other/000026e7ee790996.jpg"]], { globalIds: true });
    expect(await splitOverlap(train, val)).toMatchObject({ count: 1, byId: 1 });
  });

  it("equal paths count, whatever the ids", async () => {
    const roots = ["/data/images"];
    const train = side("train", [["7", "a/x.jpg"]], { roots });
    const val = side("val", [["8", "a\\.\\x.jpg"]], { roots });
    expect(await splitOverlap(train, val)).toEqual({ ...none, count: 1, byPath: 1, examples: ["8"] });
  });
});

describe("splitOverlap of images", () => {
  const files: Record<string, (folder: string) => Record<string, string>> = {
    coco: () => {
      const images = ["1.jpg", "2.jpg"].map((name, i) => ({ id: i + 1, file_name: name }));
      const annotations = images.map(({ id }) => ({ image_id: id, category_id: 1, area: 1 }));
      const text = JSON.stringify({ images, annotations, categories: [{ id: 1, name: "a" }] });
      return { "annotations/instances_train2014.json": text, "annotations/instances_val2014.json": text };
    },
    custom: () => {
      const text = "path,positives\n1.jpg,a\n2.jpg,a\n";
      return { "train.csv": text, "val.csv": text };
    },
  };

  it.each([
    ["coco", "train2014", "val2014"],
    ["custom", "train", "val"],
    ["custom", "images/train", "images/val"],
  ])(
    "%s: splits that both number their files from 1 in %s and %s share only equal content",
    async (kind, a, b) => {
      const folder = at(`${kind}-${a.replace("/", "-")}`);
      const images = {
        ...{ [`${a}/1.jpg`]: "one", [`${a}/2.jpg`]: "two" },
        ...{ [`${b}/1.jpg`]: "ONE", [`${b}/2.jpg`]: "two" },
      };
      for (const [name, text] of Object.entries({ ...files[kind]!(folder), ...images })) {
        await mkdir(dirname(`${folder}/${name}`), { recursive: true });
        await writeFile(`${folder}/${name}`, text);
      }
      const dataset = await openDataset(folder);
      const [train, val] = [await dataset.split("train"), await dataset.split("val")];
      expect(await splitOverlap(train, val)).toEqual({
        ...{ ...none, count: 1, byContent: 1, sameNames: 1 },
        examples: ["2.jpg"],
      });
    },
  );

  it("one file under two paths is the same image", async () => {
    const folder = at("paths");
    await mkdir(`${folder}/photos`, { recursive: true });
    for (const name of ["1.jpg", "2.jpg"]) await writeFile(`${folder}/photos/${name}`, name);
    await symlink("photos", `${folder}/again`);
    await writeFile(`${folder}/train.csv`, "path,positives\nphotos/1.jpg,a\n");
    await writeFile(`${folder}/val.csv`, `path,positives\n${folder}/photos/1.jpg,a\nagain/2.jpg,a\n`);
    const dataset = await openDataset(folder);
    const overlap = await splitOverlap(await dataset.split("train"), await dataset.split("val"));
    expect(overlap).toMatchObject({ count: 1, byPath: 1, byContent: 0 });
  });
});
