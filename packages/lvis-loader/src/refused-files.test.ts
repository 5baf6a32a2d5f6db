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
