import { readCocoInstances } from "@csl/coco-simulation";
import { readLvis } from "@csl/lvis-loader";
import {
  readClassDescriptions,
  readClassIds,
  readHierarchy,
  readImageList,
  readLabelFiles,
  readProcessedCsv,
} from "@csl/openimages-loader";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { readClassList } from "./custom-labels/read-class-list.js";
import { readCustomLabels } from "./custom-labels/read-custom-labels.js";
import { detectDataset } from "./detect-dataset.js";

const { file } = temporaryFolder();
const index = false;

const coco = JSON.stringify({
  images: [{ id: 1, file_name: "é.jpg", width: 4, height: 4 }],
  annotations: [{ image_id: 1, category_id: 3, area: 5 }],
  categories: [{ id: 3, name: "café" }],
});
const id = "000026e7ee790996";

/** Every kind of label file, with an é in it, and what its reader makes of it. */
const files: [name: string, text: string, read: (path: string) => Promise<unknown>][] = [
  ["coco.json", coco, async (path) => (await readCocoInstances(path)).fileNames],
  ["lvis.json", coco, async (path) => (await readLvis(path, { index })).table.classes.names],
  [
    "train.csv",
    "path,positives\né.jpg,café\n",
    async (path) => {
      const { table, fileNames } = await readCustomLabels(path);
      return [fileNames, table.classes.ids];
    },
  ],
  [
    "train.jsonl",
    '{"path":"é.jpg","positives":["café"]}\n',
    async (path) => (await readCustomLabels(path)).fileNames,
  ],
  ["classes.txt", "1,café\n", async (path) => (await readClassList(path)).names],
  ["class-descriptions.csv", "/m/01,café\n", async (path) => (await readClassDescriptions(path)).names],
  ["classes-trainable.txt", "/m/01\n/m/é\n", readClassIds],
  [
    "hierarchy.json",
    '{"LabelName":"/m/é"}',
    async (path) => [...(await readHierarchy(path)).parentsOf.keys()],
  ],
  ["images.csv", `ImageID,Author\n${id},André\n`, (path) => readImageList(path)],
  [
    "labels.csv",
    `ImageID,Source,LabelName,Confidence\n${id},vérification,/m/01,1\n`,
    async (path) => {
      const { table, report } = await readLabelFiles(path, { index });
      return [table.classes.ids, report.bySource];
    },
  ],
  [
    "data.csv",
    `é.jpg,"['/m/01']","['/m/02']",train\n`,
    async (path) => [...(await readProcessedCsv(path, { index })).splits.train!.fileNames],
  ],
];

const encodings: [name: string, encode: (text: string) => Buffer][] = [
  ["UTF-8 with a byte-order mark", (text) => Buffer.from(`\ufeff${text}`)],
  [
    "UTF-16 LE, as PowerShell writes it",
    (text) => Buffer.from(`\ufeff${text.replaceAll("\n", "\r\n")}`, "utf16le"),
  ],
  ["UTF-16 BE", (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ["UTF-16 LE without a mark", (text) => Buffer.from(text, "utf16le")],
];

describe.each(files)("%s", (name, text, read) => {
  it.each(encodings)("is read from %s as from UTF-8", async (_, encode) => {
    const expected = await read(file(name, text));
    expect(JSON.stringify(expected)).toMatch(/é|\/m\/01/);
    expect(await read(file(name, encode(text)))).toEqual(expected);
  });

  it("is refused in Latin-1, naming the file, the encoding and the byte", async () => {
    const path = file(name, Buffer.from(text, "latin1"));
    await expect(read(path)).rejects.toMatchObject({
      code: "invalid-file",
      message: expect.stringMatching(/0xe9 at \d+.*Latin-1/),
    });
    await expect(read(path)).rejects.toThrow(path);
  });
});

it("the reference's data.csv is recognised in UTF-16", async () => {
  const path = file("data.csv", Buffer.from(`\ufeffa.jpg,"['/m/01']",[],train\n`, "utf16le"));
  expect((await detectDataset(path)).kind).toBe("openimages");
});
