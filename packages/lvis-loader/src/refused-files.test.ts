import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readLvis } from "./read-lvis.js";

const folder = mkdtempSync(join(tmpdir(), "csl-lvis-refused-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([true, false])(
  "a file that is not there is an error in the reader's name, with an index: %s",
  async (index) => {
    await expect(readLvis("none.json", { index })).rejects.toThrow(
      "readLvis: none.json: expected a file, got ENOENT. Is the path right?",
    );
    await expect(readLvis(".", { index })).rejects.toThrow("readLvis: .: expected a file, got a folder");
  },
);

test("ids beyond 2^53 are refused: several would be one", async () => {
  const content =
    '{"annotations":[{"image_id":9007199254740993,"category_id":1}],"images":[{"id":9007199254740992,"coco_url":"a/b"}],"categories":[{"id":1}]}';
  const path = join(folder, "large.json");
  writeFileSync(path, content);
  await expect(readLvis(path)).rejects.toThrow(/expected image_id below 2\^53 at byte 28/);
});

test("NaN for a list of categories, as pandas writes it, is none; a number and its text are one id up to 2^53", async () => {
  const path = join(folder, "nan.json");
  writeFileSync(
    path,
    `{"images":[{"id":"1234567890123456","coco_url":"a/b","neg_category_ids":NaN,"not_exhaustive_category_ids":NaN}],
    "annotations":[{"image_id":1234567890123456,"category_id":1}],"categories":[{"id":1,"name":NaN,"frequency":NaN}]}`,
  );
  const { table, counts } = await readLvis(path, { index: false });
  expect([[...table.sampleIds], table.label(0, 0)]).toEqual([["1234567890123456"], 1]);
  expect(counts).toMatchObject({ unknownImages: 0, negatives: 0 });
});

test("an id of two file names is left out and told, and refused when nothing is left; ids of one file are one image", async () => {
  const path = join(folder, "unclear.json");
  const image = (id: number, name: string, absent: number[] = []) => ({
    id,
    coco_url: `http://x/train2017/${name}`,
    neg_category_ids: absent,
    not_exhaustive_category_ids: [],
  });
  const write = (images: object[]) =>
    writeFileSync(
      path,
      JSON.stringify({
        images,
        annotations: [1, 2, 4, 9].map((image_id) => ({ image_id, category_id: 1 })),
        categories: [1, 2].map((id) => ({ id, name: `c${id}`, frequency: "r" })),
      }),
    );
  write([
    image(1, "a.jpg", [2]),
    image(2, "b.jpg"),
    image(1, "c.jpg", [2]),
    image(3, "d.jpg", [1, 2]),
    image(4, "d.jpg"),
    image(2, "b.jpg", [2]),
  ]);
  for (const index of [false, true, true]) {
    const { table, fileNames, counts, examples } = await readLvis(path, { index });
    expect([[...table.sampleIds], fileNames]).toEqual([
      ["2", "3"],
      ["train2017/b.jpg", "train2017/d.jpg"],
    ]);
    // What is drawn under one id is not absent under the other.
    expect([...table.dense([0, 1])]).toEqual([1, 0, 1, 0]);
    expect(counts).toMatchObject({
      ...{ images: 4, unclearImages: 1, sameImages: 1, repeatedImages: 1 },
      ...{ unknownImages: 1, contradictions: 1, imagesWithoutAnnotations: 0 },
    });
    expect(examples).toEqual({
      sameImages: ["train2017/d.jpg: 3 and 4"],
      unclearImages: ["id 1: train2017/a.jpg and train2017/c.jpg"],
    });
  }
  write([image(1, "a.jpg"), image(1, "c.jpg")]);
  await expect(readLvis(path, { index: false })).rejects.toThrow(
    /expected images, got 1 images, 1 ids stand for several \(id 1: train2017\/a\.jpg and train2017\/c\.jpg\)/,
  );
});
