import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { mulberry32, type Random } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { afterAll, expect, test } from "vitest";
import { lvisFixture } from "../test/lvis-fixture.js";
import { classFrequencyGroups, readLvis } from "./read-lvis.js";

const folder = mkdtempSync(join(tmpdir(), "csl-lvis-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Uint8Array | object, name = "lvis_v1_train.json"): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content),
  );
  return path;
}

const scanned = { index: false };

test("positives, verified negatives, un-annotated; every oddity counted", async () => {
  const { table, fileNames, urls, notExhaustive, frequency, counts } = await readLvis(
    file(lvisFixture),
    scanned,
  );
  expect(table.defaultLabel).toBe(-1);
  expect(table.classes.toJSON()).toEqual([
    { id: "3", name: "cat" },
    { id: "1", name: "dog" },
    { id: "2", name: "zw\u00f6lf" },
    { id: "4", name: "dog" },
  ]);
  expect([...table.sampleIds]).toEqual(["10", "30", "40", "20", "50"]);
  // 10: cat annotated and listed as absent: positive wins. 40: negatives alone are kept. 20: 99 does not exist.
  expect(table.dense([0, 1, 2, 3, 4])).toEqual(
    Int8Array.from(
      [
        [1, 1, 0, -1],
        [-1, 1, -1, -1],
        [-1, 0, 0, -1],
        [1, -1, -1, 0],
        [-1, -1, -1, -1],
      ].flat(),
    ),
  );
  expect(fileNames).toEqual([
    "train2017/000000000010.jpg",
    "train2017/000000000030.jpg",
    "val2017/000000000040.jpg",
    "val2017/000000000020.jpg",
    "train2017/000000000050.jpg",
  ]);
  expect(urls[2]).toBe("http://images.invalid/val2017/000000000040.jpg");
  // Stored cells: 10 cat, dog, zwölf; 30 dog (partly); 40 dog, zwölf; 20 cat (partly), the other dog.
  expect([...notExhaustive]).toEqual([0, 0, 0, 1, 0, 0, 1, 0]);
  expect(frequency).toEqual({ 3: "f", 1: "r", 2: "c" });
  expect(classFrequencyGroups({ table, frequency })).toEqual(["f", "r", "c", "?"]);
  expect(counts).toEqual({
    images: 5,
    annotations: 9,
    categories: 4,
    positives: 4,
    negatives: 4,
    notExhaustive: 2,
    contradictions: 1,
    notExhaustiveUnannotated: 1,
    unknownImages: 2,
    unknownCategories: 1,
    unknownListed: 1,
    imagesWithoutAnnotations: 2,
    imagesWithoutLabels: 1,
    repeatedImages: 1,
    sameImages: 0,
    unclearImages: 0,
    categoriesWithoutFrequency: 1,
  });
});

test("images without annotations go only when asked for", async () => {
  const { table, fileNames, urls, notExhaustive, counts } = await readLvis(file(lvisFixture), {
    ...scanned,
    dropUnannotated: true,
  });
  expect([...table.sampleIds]).toEqual(["10", "30", "20"]);
  expect(fileNames.map((name) => name.slice(-6, -4))).toEqual(["10", "30", "20"]);
  expect(urls).toHaveLength(3);
  expect([...notExhaustive]).toEqual([0, 0, 0, 1, 1, 0]);
  expect([counts.images, counts.imagesWithoutAnnotations, counts.imagesWithoutLabels]).toEqual([5, 2, 0]);
});

test("v0.5: file_name where there is no URL; lists that are null or missing", async () => {
  const v05 = {
    annotations: [{ image_id: "7", category_id: 1 }],
    categories: [{ id: 1, name: "acorn", frequency: "r" }, { id: 2 }],
    images: [
      { id: 7, file_name: "COCO_val2014_000000000007.jpg", neg_category_ids: null },
      {
        id: "a/b",
        file_name: "x.jpg",
        coco_url: null,
        neg_category_ids: [2],
        not_exhaustive_category_ids: [],
      },
      { id: 8, file_name: "000000000008.jpg", coco_url: "http://images.invalid/val2017/000000000008.jpg" },
    ],
  };
  const { table, fileNames, urls } = await readLvis(file(v05), scanned);
  expect([...table.sampleIds]).toEqual(["7", "a/b", "8"]);
  expect([...table.dense([0, 1, 2])]).toEqual([1, -1, -1, 0, -1, -1]);
  expect(fileNames).toEqual(["COCO_val2014_000000000007.jpg", "x.jpg", "val2017/000000000008.jpg"]);
  expect(urls.map((url) => url !== "")).toEqual([false, false, true]);
});

const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  Array.from(shuffledIndices(items.length, random), (i) => items[i]!);

/** Any JSON text of a value: keys in any order, white space, escaped characters. */
function write(value: unknown, random: Random): string {
  const space = (): string => " \n\t\r".slice(0, Math.floor(random() * 5)) || "";
  const text = (s: string): string =>
    random() < 0.2
      ? `"${Array.from({ length: s.length }, (_, i) => `\\u${s.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`
      : JSON.stringify(s);
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, random))
    : shuffled(Object.entries(value), random).map(
        ([k, v]) => `${text(k)}${space()}:${space()}${write(v, random)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}${space()}${parts.join(`${space()},${space()}`)}${space()}${close}`;
}

test("key order, white space, escapes, block borders, gzip do not matter", async () => {
  const { table, ...plain } = await readLvis(file(lvisFixture), scanned);
  for (let seed = 1; seed <= 60; seed++) {
    const random = mulberry32(seed);
    const text = (seed % 2 ? "" : "\ufeff") + write(lvisFixture, random);
    const path = file(seed % 7 ? text : gzipSync(text), "random.json");
    const read = await readLvis(path, { ...scanned, blockSize: 4 + Math.floor(random() * 200) });
    expect(read.table.hash(), `seed ${seed}`).toBe(table.hash());
    expect({ ...read, table: undefined }).toEqual({ ...plain, table: undefined });
  }
});

interface RandomFile {
  images: {
    id: number;
    coco_url: string;
    neg_category_ids: number[];
    not_exhaustive_category_ids: number[];
  }[];
  annotations: { id: number; image_id: number; category_id: number }[];
  categories: { id: number; name: string; frequency: string }[];
}

function drawFile(random: Random): RandomFile {
  const whole = (n: number): number => Math.floor(random() * n);
  const some = (n: number, max: number): number[] => Array.from({ length: whole(n) }, () => 1 + whole(max));
  const classes = 1 + whole(12);
  const images = Array.from({ length: 1 + whole(20) }, (_, i) => i * 3 + whole(3));
  return {
    images: images.map((id) => ({
      id,
      coco_url: `u/v/${id}.jpg`,
      neg_category_ids: some(6, classes + 1),
      not_exhaustive_category_ids: some(3, classes + 1),
    })),
    annotations: Array.from({ length: whole(80) }, (_, id) => ({
      id,
      image_id: random() < 0.95 ? images[whole(images.length)]! : 1000,
      category_id: 1 + whole(classes + 1),
    })),
    categories: Array.from({ length: classes }, (_, i) => ({
      id: i + 1,
      name: `c${i}`,
      frequency: "rcf"[whole(3)]!,
    })),
  };
}

// Property: what the definition says of the parsed file, cell by cell.
test("on random files the table is the definition's", async () => {
  for (let seed = 1; seed <= 80; seed++) {
    const random = mulberry32(seed);
    const data = drawFile(random);
    const { table, notExhaustive, counts } = await readLvis(file(write(data, random), "random.json"), {
      ...scanned,
      blockSize: 1 + Math.floor(random() * 300),
    });
    let at = 0;
    let contradictions = 0;
    data.images.forEach((image, sample) => {
      data.categories.forEach(({ id }, c) => {
        const drawn = data.annotations.some((a) => a.image_id === image.id && a.category_id === id);
        const absent = image.neg_category_ids.includes(id);
        if (drawn && absent) contradictions++;
        const label = drawn ? 1 : absent ? 0 : -1;
        expect(table.label(sample, c), `seed ${seed}, image ${image.id}, class ${id}`).toBe(label);
        if (label === -1) return;
        expect(notExhaustive[at++]).toBe(drawn && image.not_exhaustive_category_ids.includes(id) ? 1 : 0);
      });
    });
    expect(at).toBe(notExhaustive.length);
    expect(counts.contradictions).toBe(contradictions);
    const strange = data.annotations.filter((a) => a.image_id === 1000);
    expect(counts.unknownImages).toBe(strange.length);
    expect(counts.positives + counts.negatives).toBe(table.entries.length);
  }
});

test("a file cut off anywhere is an error that names the file and the byte", async () => {
  const bytes = Buffer.from(JSON.stringify(lvisFixture));
  for (let length = 1; length < bytes.length; length += 11) {
    const path = file(bytes.subarray(0, length), "cut.json");
    await expect(readLvis(path, { index: true, blockSize: 64 }), `${length} bytes`).rejects.toThrow(
      new RegExp(
        `^readLvis: .*cut.json: expected .* at byte ${length}, got the end of the file. The file is cut off`,
      ),
    );
  }
  expect(readdirSync(folder).filter((name) => name.startsWith("cut"))).toEqual(["cut.json"]);
});

test.each([
  ["an empty file", "", "got an empty file (0 bytes)"],
  ["another file", '{"images": []}', "got none of annotations, categories. Is it an LVIS annotation file?"],
  ["no images", '{"images":[],"annotations":[],"categories":[{"id":1}]}', "expected images, got 0 images"],
  ["no categories", '{"images":[],"annotations":[],"categories":[]}', "expected at least one category"],
  [
    "an image without a name",
    '{"images":[{"id":1}]}',
    "expected a coco_url or a file_name in the image at byte 11",
  ],
  ["an image without an id", '{"images":[{"file_name":"a"}]}', "expected an id in the image at byte 11"],
  [
    "captions",
    '{"annotations":[{"image_id":1,"caption":"x"}]}',
    "expected image_id and category_id in the annotation at byte 16",
  ],
  [
    "a category without an id",
    '{"categories":[{"name":"x"}]}',
    'expected a category with an id at byte 15, got {"name":"x"}',
  ],
  [
    "a category twice",
    '{"categories":[{"id":1},{"id":1}]}',
    "expected every category id once, got 1 again at byte 24",
  ],
  ["negatives that are no list", '{"images":[{"id":1,"neg_category_ids":5}]}', 'expected "[" at byte 38'],
])("%s is refused with a reason", async (_name, content, message) => {
  await expect(readLvis(file(content, "bad.json"), scanned)).rejects.toThrow(message);
});

test("the second time everything comes from the index, the same", async () => {
  const path = file({ ...lvisFixture, more: 1 }, "indexed.json");
  const progress: number[] = [];
  const options = { onProgress: (read: number) => progress.push(read) };
  const first = await readLvis(path, options);
  const blocks = progress.length;
  expect(blocks).toBeGreaterThan(0);
  const second = await readLvis(path, options);
  expect(progress).toHaveLength(blocks);
  expect(second.table.hash()).toBe(first.table.hash());
  expect(second.table.classes.names).toEqual(first.table.classes.names);
  expect({ ...second, table: undefined }).toEqual({ ...first, table: undefined });
  const dropped = await readLvis(path, { ...options, dropUnannotated: true });
  expect(dropped.table.numSamples).toBe(3);
  file(lvisFixture, "indexed.json");
  expect((await readLvis(path, options)).table.numSamples).toBe(5);
  writeFileSync(`${path}.csl-index`, "rubbish of forty bytes, not an index....");
  const { note, table } = await readLvis(path);
  expect(note).toMatch(/expected a readable index at .*indexed\.json\.csl-index.*Computed again/);
  expect(table.hash()).toBe(first.table.hash());
});

test("a signal stops the reading with its reason", async () => {
  const stop = new AbortController();
  const reading = readLvis(file(lvisFixture), {
    ...scanned,
    blockSize: 64,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("enough")),
  });
  await expect(reading).rejects.toThrow(/^enough$/);
});
