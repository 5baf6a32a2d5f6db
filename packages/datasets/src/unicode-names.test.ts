import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createShardWriter } from "@csl/image-batches";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, test } from "vitest";
import { openDataset } from "./open-dataset.js";

const { at } = temporaryFolder();

const composed = "caf\u00e9.jpg";
const decomposed = composed.normalize("NFD");
const category = { id: 1, name: "cup", frequency: "r" };

/** The label file of one image, and its path below the data set. */
const kinds: Record<string, (name: string) => { file: string; content: string; image: string }> = {
  coco: (name) => ({
    file: "annotations/instances_train.json",
    content: JSON.stringify({
      images: [{ id: 1, file_name: name }],
      annotations: [{ image_id: 1, category_id: 1, area: 4 }],
      categories: [category],
    }),
    image: `train/${name}`,
  }),
  lvis: (name) => ({
    file: "annotations/lvis_v1_train.json",
    content: JSON.stringify({
      images: [{ id: 1, coco_url: `http://x/train2017/${name}` }],
      annotations: [{ image_id: 1, category_id: 1 }],
      categories: [category],
    }),
    image: `train2017/${name}`,
  }),
  openimages: (name) => ({
    file: "data.csv",
    content: `path,pos,neg,split\ntrain/${name},"['/m/01']",[],train\n`,
    image: `train/${name}`,
  }),
  custom: (name) => ({
    file: "train.csv",
    content: `path,positives,negatives\nphotos/${name},cup,\n`,
    image: `photos/${name}`,
  }),
};

describe.each(Object.keys(kinds))("%s", (kind) => {
  test.each([
    ["composed", composed, decomposed],
    ["decomposed", decomposed, composed],
  ])(
    "an image named in %s form is found in the other, in folders and in shards",
    async (form, named, onDisk) => {
      const folder = (part: string): string => at(`${kind}-${form}`, part);
      const { file, content } = kinds[kind]!(named);
      const { image } = kinds[kind]!(onDisk);
      for (const [path, text] of [
        [folder(`data/${file}`), content],
        [folder(`data/${image}`), "image"],
      ] as const) {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
      const writer = await createShardWriter(folder("shards"), { prefix: "train" });
      // The path as the labels have it: COCO's names no folder.
      await writer.add((kind === "coco" ? onDisk : image).slice(0, -4), { jpg: Buffer.from("image") });
      await writer.close();

      for (const images of [undefined, folder("shards")]) {
        const dataset = await openDataset(folder("data"), { ...(images && { images }) });
        expect(dataset.kind).toBe(kind);
        const { list, missing } = await (await dataset.split("train")).images();
        expect([list.length, missing]).toEqual([1, 0]);
        if (!images) expect(list.at(0)).toBe(folder(`data/${image}`));
      }
    },
  );
});
