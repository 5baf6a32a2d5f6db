import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { shuffledIndices } from "@csl/internal/random/shuffled-indices";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cocoFixture } from "../test/coco-fixture.js";
import { readCocoInstances } from "./read-coco-instances.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-coco-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(content: string | Uint8Array | object, name = "instances.json"): Promise<string> {
  const path = join(folder, name);
  const raw = typeof content === "string" || content instanceof Uint8Array;
  await writeFile(path, raw ? content : JSON.stringify(content));
  return path;
}

test("the reference's image set, class order and label rule", async () => {
  const { table, fileNames, sizes, areas, counts } = await readCocoInstances(await file(cocoFixture));
  expect(table.defaultLabel).toBe(0);
  expect(table.classes.toJSON()).toEqual([
    { id: "3", name: "car" },
    { id: "1", name: "person" },
    { id: "90", name: "toothbrush" },
  ]);
  // Order of first appearance in annotations: 7, 2, 5; 9 has only an annotation of an unknown category.
  expect([...table.sampleIds]).toEqual(["7", "2", "5"]);
  expect([...table.dense([0, 1, 2])]).toEqual([1, 1, 0, 0, 0, 1, 1, 1, 0]);
  expect(fileNames).toEqual(['se"ven.jpg', "zw\u00f6lf \u{1f600}.jpg", "five.jpg"]);
  expect([...sizes]).toEqual([640, 427, 640, 480, 0, 0]);
  // 7: car 9000, person max(702.1, 1000.25); 2: toothbrush 12; 5: car only as a crowd, person from the box 20 x 30.
  expect([...areas]).toEqual([9000, 1000.25, 12, 0, 600]);
  expect(counts).toEqual({
    images: 4,
    annotations: 9,
    categories: 3,
    crowds: 1,
    unknownImages: 1,
    unknownCategories: 1,
    imagesWithoutAnnotations: 1,
    repeatedImages: 0,
    sameImages: 0,
    unclearImages: 0,
  });
});

describe("one image under several ids, several images under one id", () => {
  const read = async (images: object[], annotations: [image: number, category: number][], all = true) => {
    const categories = [1, 2].map((id) => ({ id, name: `class ${id}` }));
    const drawn = annotations.map(([image_id, category_id]) => ({ image_id, category_id, area: image_id }));
    const path = await file(JSON.stringify({ images, categories, annotations: drawn }));
    const { table, fileNames, areas, counts, examples } = await readCocoInstances(path, {
      images: all ? "all" : "annotated",
    });
    const rows = fileNames.map((name, i) => `${table.sampleIds.at(i)} ${name} ${table.dense([i]).join(" ")}`);
    return { rows, areas: [...areas], counts, examples };
  };
  const image = (id: number, file_name: string, width = 10, height = 10) => ({
    id,
    file_name,
    width,
    height,
  });

  test.each([true, false])(
    "ids of one file name, however written, are one sample; all images: %s",
    async (all) => {
      const images = [image(1, "a/1.jpg"), image(2, "b.jpg"), image(7, ".\\a\\1.jpg"), image(1, "a/1.jpg")];
      const { rows, areas, counts, examples } = await read(
        images,
        [
          [1, 1],
          [7, 2],
          [2, 1],
          [7, 1],
        ],
        all,
      );
      expect(rows).toEqual(["1 a/1.jpg 1 1", "2 b.jpg 1 0"]);
      expect(areas).toEqual([7, 7, 2]);
      expect(counts).toMatchObject({
        sameImages: 1,
        repeatedImages: 1,
        unclearImages: 0,
        imagesWithoutAnnotations: 0,
      });
      expect(examples.sameImages).toEqual([".\\a\\1.jpg: 1 and 7"]);
    },
  );

  test("an id of two file names, and a name of two sizes, are left out and told", async () => {
    const images = [
      image(1, "a.jpg"),
      image(2, "b.jpg"),
      image(1, "c.jpg"),
      image(3, "d.jpg"),
      image(4, "d.jpg", 9),
    ];
    const { rows, counts, examples } = await read(images, [
      [1, 1],
      [2, 2],
      [3, 1],
      [4, 2],
    ]);
    expect(rows).toEqual(["2 b.jpg 0 1"]);
    expect(counts).toMatchObject({
      sameImages: 0,
      unclearImages: 3,
      unknownImages: 0,
      imagesWithoutAnnotations: 0,
    });
    expect(examples.unclearImages).toEqual(["id 1: a.jpg and c.jpg", "d.jpg: 10×10 as 3 and 9×10 as 4"]);
    await expect(read([image(1, "a.jpg"), image(1, "b.jpg")], [[1, 1]])).rejects.toThrow(
      /1 ids stand for several images \(id 1: a\.jpg and b\.jpg\)/,
    );
  });
});

test("all images come in the file's order of images", async () => {
  const { table, fileNames } = await readCocoInstances(await file(cocoFixture), { images: "all" });
  expect([...table.sampleIds]).toEqual(["9", "2", "7", "5"]);
  expect(fileNames[0]).toBe("nine.jpg");
  expect([...table.dense([0, 2])]).toEqual([0, 0, 0, 1, 1, 0]);
});

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  Array.from(shuffledIndices(items.length, random), (i) => items[i]!);

/** Any JSON form of the same content: keys in any order, white space, escaped characters. */
function write(value: unknown, random: () => number): string {
  const space = (): string => " \n\t\r".slice(0, Math.floor(random() * 5)) || "";
  const text = (s: string): string =>
    random() < 0.3
      ? `"${[...s]
          .flatMap((c) => c.split(""))
          .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
          .join("")}"`
      : JSON.stringify(s);
  const parts = Array.isArray(value)
    ? value.map((item) => write(item, random))
    : typeof value === "object" && value !== null
      ? shuffled(Object.entries(value), random).map(
          ([k, v]) => `${text(k)}${space()}:${space()}${write(v, random)}`,
        )
      : undefined;
  if (!parts) return typeof value === "string" ? text(value) : JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}${space()}${parts.join(`${space()},${space()}`)}${space()}${close}`;
}

test("key order, white space, escapes, block borders do not matter", async () => {
  const plain = await readCocoInstances(await file(cocoFixture));
  for (let seed = 1; seed <= 60; seed++) {
    const random = mulberry32(seed);
    const path = await file((seed % 2 ? "" : "\ufeff") + write(cocoFixture, random));
    // Blocks from 4 bytes up: every token gets cut somewhere.
    const read = await readCocoInstances(path, { blockSize: 4 + Math.floor(random() * 200) });
    expect(read.table.hash(), `seed ${seed}`).toBe(plain.table.hash());
    expect([read.fileNames, read.areas, read.counts]).toEqual([plain.fileNames, plain.areas, plain.counts]);
  }
});

test("a file cut off anywhere is an error that names the byte", async () => {
  const whole = JSON.stringify(cocoFixture);
  const bytes = Buffer.from(whole);
  for (let length = 1; length < bytes.length; length += 7) {
    const path = await file(bytes.subarray(0, length));
    await expect(readCocoInstances(path, { blockSize: 64 }), `${length} bytes`).rejects.toThrow(
      new RegExp(
        `^readCocoInstances: .*instances.json: expected .* at byte ${length}, got the end of the file. The file is cut off`,
      ),
    );
  }
});

test.each([
  ["empty", "", "got an empty file (0 bytes)"],
  ["blank", "  \n", 'expected "{" at byte 3, got the end of the file'],
  ["a list", "[]", 'expected "{" at byte 0, got "["'],
  ["text", "ImageID,Source", 'expected "{" at byte 0, got "I"'],
  ["an empty object", "{}", "Is it an instances file?"],
  [
    "captions",
    '{"images":[],"annotations":[{"id":1,"image_id":2,"caption":"x"}]}',
    "expected image_id and category_id in the annotation at byte 28",
  ],
  ["no categories", '{"images":[],"annotations":[]}', "got none of categories"],
  ["empty lists", '{"images":[],"annotations":[],"categories":[]}', "at least one category"],
  [
    "nothing annotated",
    '{"images":[{"id":1,"file_name":"a"}],"annotations":[],"categories":[{"id":1,"name":"a"}]}',
    '{ images: "all" }',
  ],
  ["null lists", '{"images":null}', 'expected a list under "images" at byte 10, got null'],
  [
    "a null id",
    '{"annotations":[{"image_id":null,"category_id":1}]}',
    "expected image_id (a number) at byte 28, got null",
  ],
  [
    "NaN, as Python writes it, for an id",
    '{"annotations":[{"image_id":NaN,"category_id":1}]}',
    "expected image_id (a number) at byte 28, got NaN",
  ],
  [
    "minus infinity for an id",
    '{"annotations":[{"image_id":1,"category_id":-Infinity}]}',
    "expected category_id (a number) at byte 44, got -Infinity",
  ],
  [
    "NaN for a listed id",
    '{"images":[{"id":NaN,"file_name":"a"}]}',
    "expected a image with an id at byte 11",
  ],
  [
    "NaN for a file name",
    '{"images":[{"id":1,"file_name":NaN}]}',
    "expected a file_name for image 1, got none",
  ],
  [
    "a fraction for an id",
    '{"annotations":[{"image_id":0.5,"category_id":1}]}',
    "expected image_id to be a whole number or a text at byte 28, got 0.5",
  ],
  [
    "two categories of one id",
    '{"categories":[{"id":1,"name":"a"},{"id":1,"name":"b"}]}',
    "every category id once, got 1 again",
  ],
  ["an image without a file", '{"images":[{"id":1}]}', "expected a file_name for image 1"],
  ["a trailing comma", '{"images":[],}', "expected a key in quotes at byte 13"],
  ["a missing comma", '{"images":[] "annotations":[]}', 'expected "," or "}" at byte 13'],
  ["two documents", '{"images":[]}{}', "expected the end of the file at byte 13"],
  [
    "a bad number",
    '{"annotations":[{"image_id":1-2,"category_id":1}]}',
    "expected image_id (a number) at byte 28",
  ],
])("%s is refused with a reason", async (_name, content, message) => {
  await expect(readCocoInstances(await file(content))).rejects.toThrow(message);
});

test("a missing file is named", async () => {
  await expect(readCocoInstances(join(folder, "none.json"))).rejects.toThrow("none.json");
});

test("an element longer than a block and ids that are texts", async () => {
  const long = {
    categories: [{ id: "cat", name: "cat" }],
    images: [{ id: "a/b", file_name: "a.jpg", note: "x".repeat(5000) }],
    annotations: [
      {
        segmentation: [Array.from({ length: 3000 }, (_, i) => i)],
        category_id: "cat",
        image_id: "a/b",
        area: 4,
      },
    ],
  };
  const seen: number[] = [];
  const path = await file(long);
  const read = await readCocoInstances(path, {
    blockSize: 32,
    onProgress: (bytes, total) => seen.push(bytes / total),
  });
  expect([...read.table.sampleIds]).toEqual(["a/b"]);
  expect(read.table.label(0, 0)).toBe(1);
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("areas that are null or NaN are replaced by the box; iscrowd may be a text", async () => {
  const start =
    '{"images":[{"id":1,"file_name":"a"},{"id":2,"file_name":"b"}],"categories":[{"id":1}],"annotations":[';
  const { areas, counts } = await readCocoInstances(
    await file(
      `${start}{"image_id":1,"category_id":1,"area":null,"bbox":[0,0,2,3]},{"image_id":2,"category_id":1,"area":NaN,"bbox":[0,0,4,5],"iscrowd":"0"}]}`,
    ),
  );
  expect([...areas]).toEqual([6, 20]);
  expect(counts.crowds).toBe(0);
});

// 2^53 and 2^53 + 1 are one number in JavaScript: once, the second image was counted as the first, repeated.
test("ids beyond 2^53 are refused as numbers and taken as texts", async () => {
  const content = (id: string): string =>
    `{"images":[{"id":${id},"file_name":"a"}],"categories":[{"id":1}],"annotations":[{"image_id":${id},"category_id":1}]}`;
  await expect(readCocoInstances(await file(content("9007199254740993")))).rejects.toThrow(
    /expected the image's id below 2\^53 at byte 11, got about 9007199254740992.*Write ids as texts/,
  );
  const { table } = await readCocoInstances(await file(content('"9007199254740993"')));
  expect(table.sampleIds.at(0)).toBe("9007199254740993");
});

test("an image set that there is not is refused", async () => {
  const images = "every" as "all";
  await expect(readCocoInstances("none", { images })).rejects.toThrow("images to be annotated or all");
});

test("NaN and Infinity, as Python writes them, are absent where a value may be", async () => {
  const text = `{"images":[{"id":1,"file_name":"a.jpg","width":NaN,"score":-Infinity}],
    "categories":[{"id":1,"name":"NaN","supercategory":NaN},{"id":2,"name":"b"}],
    "annotations":[{"image_id":1.0,"category_id":1,"area":-Infinity,"bbox":[0,0,3,4],"iscrowd":NaN},
      {"image_id":1,"category_id":2,"area":NaN,"bbox":[0,0,NaN,4]}]}`;
  const { table, sizes, areas } = await readCocoInstances(await file(text));
  expect([...sizes]).toEqual([0, 0]);
  expect([...areas]).toEqual([12, 0]);
  expect([table.classes.names, table.numSamples]).toEqual([["NaN", "b"], 1]);
});
