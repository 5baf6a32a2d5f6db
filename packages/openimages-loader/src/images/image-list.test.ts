import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sampleIdsFrom } from "@csl/labels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readImageList } from "./image-list.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-images-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const write = async (content: string | Uint8Array): Promise<string> => {
  const path = join(folder, "images.csv");
  await writeFile(path, content);
  return path;
};

const header =
  "ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,OriginalSize,OriginalMD5,Thumbnail300KURL,Rotation";
const rows = [
  '0000000000000001,train,https://a/1.jpg,https://a/1,https://l,https://p,"Doe, ""JD"" 画","Two\nlines, one title",3000000,"+S8eKn3mKuu8w==",https://t/1.jpg,90.0',
  "0000000000000002,train,https://a/2.jpg,,,,,,,,,",
  "00000000000000AF,train,https://a/3.jpg,,,,Plain,café,12,,,0",
];
const infos = [
  {
    id: "0000000000000001",
    subset: "train",
    originalUrl: "https://a/1.jpg",
    landingUrl: "https://a/1",
    license: "https://l",
    authorProfileUrl: "https://p",
    author: 'Doe, "JD" 画',
    title: "Two\nlines, one title",
    originalSize: 3_000_000,
    originalMd5: "+S8eKn3mKuu8w==",
    thumbnailUrl: "https://t/1.jpg",
    rotation: 90,
  },
  { id: "0000000000000002", subset: "train", originalUrl: "https://a/2.jpg" },
  {
    id: "00000000000000af",
    subset: "train",
    originalUrl: "https://a/3.jpg",
    author: "Plain",
    title: "café",
    originalSize: 12,
    rotation: 0,
  },
];

test.each([
  ["as it is", `${[header, ...rows].join("\n")}\n`],
  ["CR LF, byte-order mark, no last newline", `\uFEFF${[header, ...rows].join("\r\n")}`],
  ["gzipped", gzipSync([header, ...rows].join("\n"))],
])("an image list with commas, quotes, newlines and other scripts: %s", async (_, content) => {
  expect(await readImageList(await write(content))).toEqual(infos);
});

test("only the ids of interest; columns by name", async () => {
  const path = await write([header, ...rows].join("\n"));
  expect(await readImageList(path, { ids: sampleIdsFrom(["00000000000000af"]) })).toEqual([infos[2]]);
  const few = await write("Rotation,ImageID\n270,0000000000000001\nnan,0000000000000002\n");
  expect(await readImageList(few)).toEqual([
    { id: "0000000000000001", rotation: 270 },
    { id: "0000000000000002" }, // gone from Flickr before its rotation was known
  ]);
});

test("bad rows are named by their lines, and left out where the caller says so", async () => {
  const path = await write(
    [header, rows[0], "short,row", rows[1]!.replace(/,$/, ",45"), "x,,,,,,,,,,,", rows[2]].join("\n"),
  );
  await expect(readImageList(path)).rejects.toThrow(
    /expected an image in .*images\.csv:4, got 2 columns instead of 12/,
  );
  const problems: string[] = [];
  const list = await readImageList(path, {
    onProblem: ({ line, reason }) => problems.push(`${line} ${reason}`),
  });
  expect(list).toEqual([infos[0], infos[2]]);
  expect(problems).toEqual([
    "4 2 columns instead of 12",
    '5 a rotation of "45"',
    '6 an id that is not 16 hexadecimal digits: "x"',
  ]);
  await expect(readImageList(await write("a,b\n1,2\n"))).rejects.toThrow("expected an ImageID column");
  await expect(readImageList(join(folder, "none.csv"))).rejects.toThrow("ENOENT");
  await expect(readImageList(await write(gzipSync(rows.join("\n")).subarray(0, 60)))).rejects.toThrow(
    "whole gzip file",
  );
});

test("a stray quote leaves out its own line; an empty list and a folder are errors", async () => {
  const few = await write(
    'ImageID,Title\n0000000000000001,a\n0000000000000002,"b"c\n0000000000000003,"d, e"\n',
  );
  const problems: number[] = [];
  const list = await readImageList(few, { onProblem: ({ line }) => problems.push(line) });
  expect(list.map(({ id }) => id.slice(-1)).join("")).toBe("13");
  expect(problems).toEqual([3]);
  await expect(readImageList(await write(""))).rejects.toThrow("got an empty file. Download it again.");
  await expect(readImageList(folder)).rejects.toThrow(/^readImageList: .*: expected a file, got a folder/);
});
