import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createShardWriter, imageKey } from "@csl/image-batches";
import { type ImageLayout, imageNames } from "@csl/openimages-loader";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FindImagesOptions, findImages } from "./find-images.js";
import type { FoundImages } from "./image-places.js";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-find-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const ids = ["0a00000000000001", "0b00000000000002", "9007199254740993", "ff00000000000003"];
const byId = (where: string, wanted: readonly string[], options: FindImagesOptions = {}) =>
  findImages(where, wanted, { match: "openimages-id", ids: wanted, ...options });
const namesOf = ({ images }: FoundImages): string[] =>
  Array.from({ length: images.length }, (_, i) => images.nameAt(i));

async function lay(name: string, files: readonly string[]): Promise<string> {
  const folder = join(root, name);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), "");
  }
  return folder;
}

test.each(["flat", "prefix-1", "prefix-2", "train"] as ImageLayout[])(
  "images laid out %s",
  async (layout) => {
    const names = [...imageNames(ids, layout)];
    const folder = await lay(layout, names);
    const all = await byId(folder, ids);
    const { found, missing, images } = all;
    expect([...found]).toEqual([0, 1, 2, 3]);
    expect(missing).toHaveLength(0);
    expect(namesOf(all)).toEqual(names);
    expect(names.map((_, i) => images.at(i))).toEqual(names.map((name) => join(folder, name)));
  },
);

test("endings, upper case, other files; what is missing, in the order of the ids", async () => {
  const files = [
    "a/0A00000000000001.JPG",
    "b/9007199254740993.jpeg",
    "b/notes.txt",
    "b/0b00000000000002.txt",
    "eeeeeeeeeeeeeeee.jpg",
  ];
  const folder = await lay("mixed", files);
  const some = await byId(folder, ids);
  const { found, missing, images } = some;
  expect([...found]).toEqual([0, 2]);
  expect([...missing]).toEqual([1, 3]);
  expect(namesOf(some)).toEqual(files.slice(0, 2));
  expect(images.nameAt(1)).toBe(files[1]);
  expect(() => images.at(2)).toThrow("expected a position below 2, got 2");
});

test("a split's own folder is enough where it exists", async () => {
  const folder = await lay("splits", [`train/${ids[0]}.jpg`, `validation/${ids[1]}.jpg`]);
  expect([...(await byId(folder, ids, { split: "train" })).found]).toEqual([0]);
  expect([...(await byId(folder, ids, { split: "test" })).found]).toEqual([0, 1]);
});

test("shards by key, with or without a folder before the id, beside single files", async () => {
  const folder = await lay("shards", [`${ids[3]}.jpg`]);
  const writer = await createShardWriter(join(folder, "tars"), { prefix: "train" });
  for (const key of [ids[2]!, ids[0]!, "eeeeeeeeeeeeeeee"])
    await writer.add(key, { jpg: Buffer.from(`image ${key}`) });
  await writer.close();
  const all = await byId(folder, ids);
  expect([...all.found]).toEqual([0, 2, 3]);
  expect(all.images.at(0)).toMatchObject({ file: join(folder, "tars", "train-000000.tar"), length: 22 });
  expect(all.images.at(2)).toBe(join(folder, `${ids[3]}.jpg`));
  expect(all.images.nameAt(0)).toBe(`train-000000.tar/${ids[0]}`);
  const tars = await byId(join(folder, "tars", "train-{000000..000000}.tar"), ids);
  expect([...tars.found]).toEqual([0, 2]);
});

test("a folder that is not there, and an abort", async () => {
  await expect(byId(join(root, "none"), ids)).rejects.toThrow("expected a folder of images, or shards, at");
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(byId(root, ids, { signal })).rejects.toThrow("enough");
});

test("progress counts folders, files and images", async () => {
  const folder = await lay("counted", [`a/${ids[0]}.jpg`, `b/${ids[1]}.jpg`, "b/x.txt"]);
  const seen: unknown[] = [];
  await byId(folder, ids, { onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual({ folders: 3, files: 3, found: 2 });
  expect(relative(root, folder)).toBe("counted");
});

test("ids that are asked for in upper case or with a folder are found", async () => {
  const folder = await lay("asked", ["0a00000000000001.jpg"]);
  const { found, missing } = await byId(folder, ["train/0A00000000000001.jpg"]);
  expect([found.length, missing.length]).toEqual([1, 0]);
});

// One name in Unicode's two normal forms: é, ü as one character each, and as a letter and a mark.
const composed = "caf\u00e9/gr\u00fcn.jpg";
const decomposed = composed.normalize("NFD");

test.each([
  ["composed", composed, decomposed],
  ["decomposed", decomposed, composed],
])("labels name an image in %s form, the disk has the other", async (form, named, onDisk) => {
  const folder = await lay(`unicode-${form}`, [onDisk, "plain.jpg"]);
  const found = await findImages(folder, ["plain.jpg", named, "gone.jpg"]);
  expect([[...found.found], [...found.missing]]).toEqual([[0, 1], [2]]);
  expect(found.images.at(1)).toBe(join(folder, onDisk));
  expect(found.images.nameAt(1)).toBe(onDisk);

  const shards = join(root, `unicode-shards-${form}`);
  const writer = await createShardWriter(shards, { prefix: "train" });
  await writer.add(onDisk.slice(0, -4), { jpg: Buffer.from("image") });
  await writer.close();
  expect([...(await findImages(shards, ["gone.jpg", named])).found]).toEqual([1]);
});

test("absolute paths; a folder that is not there holds nothing; a position beyond the last", async () => {
  const folder = await lay("absolute", ["a/1.jpg"]);
  const { images, missing } = await findImages(root, [join(folder, "a/1.jpg"), "nowhere/2.jpg"]);
  expect([images.at(0), images.nameAt(0), [...missing]]).toEqual([
    join(folder, "a/1.jpg"),
    join(folder, "a/1.jpg"),
    [1],
  ]);
  expect(() => images.nameAt(1)).toThrow("expected a position below 1, got 1");
});

describe("names that are written in another way than the disk has them", () => {
  test.each([
    ["backslashes", "a\\1.jpg", "a/1.jpg"],
    ["./ and double slashes", ".//a/./1.jpg", "a/1.jpg"],
    ["a blank as %20", "a/my%20cat.jpg", "a/my cat.jpg"],
    ["a blank, %20 on the disk", "a/my cat.jpg", "a/my%20cat.jpg"],
    ["blanks behind it", "a/1.jpg  ", "a/1.jpg"],
    ["a query", "a/1.jpg?size=large&x=%2F", "a/1.jpg"],
    ["another case", "a/IMG_1.jpg", "a/IMG_1.JPG"],
    ["a URL", "https://example.org:80/photos/a/1.jpg?x=1#y", "a/1.jpg"],
    ["a bucket", "s3://bucket/2024/a/1.jpg", "a/1.jpg"],
    ["an absolute path of another machine", "/home/her/photos/a/1.jpg", "a/1.jpg"],
    ["a path of Windows", "D:\\photos\\a\\1.jpg", "a/1.jpg"],
    ["a path from a folder above", "data/photos/1.jpg", "photos/1.jpg"],
    ["a % that escapes nothing", "a/100%.jpg", "a/100%.jpg"],
  ])("%s: %s", async (what, name, onDisk) => {
    const folder = await lay(`written/${what}`, [onDisk, "a/other.jpg"]);
    const { found, images } = await findImages(folder, [name]);
    expect([...found]).toEqual([0]);
    expect(images.at(0)).toBe(join(folder, onDisk));

    const shards = join(root, "written-shards", what);
    const writer = await createShardWriter(shards, { prefix: "x" });
    await writer.add(imageKey(onDisk), { jpg: Buffer.from("image") });
    await writer.close();
    if (!/case|escapes|disk/.test(what)) expect((await findImages(shards, [name])).found).toHaveLength(1);
  });

  test("an exact name goes before a similar one, and is never taken by another", async () => {
    const folder = await lay("exact", ["a b.jpg", "a%20b.jpg", "x.JPG", "q.jpg"]);
    const { found, images } = await findImages(folder, ["a%20b.jpg", "a b.jpg", "x.jpg", "x.JPG", "Q.jpg"]);
    expect(Array.from(found, (sample, i) => [sample, images.nameAt(i)])).toEqual([
      [0, "a%20b.jpg"],
      [1, "a b.jpg"],
      [3, "x.JPG"],
      [4, "q.jpg"],
    ]);
    const two = await lay("two", ["x.JPG", "x.Jpg", "caf\u00e9.jpg", "cafe\u0301.jpg"]);
    const { missing, images: both } = await findImages(two, ["x.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg"]);
    expect([...missing]).toEqual([0]);
    expect([both.nameAt(0), both.nameAt(1)]).toEqual(["caf\u00e9.jpg", "cafe\u0301.jpg"]);
  });

  test("the folders that are left out are the same for all, and never those that tell train from val", async () => {
    const folder = await lay("common", ["a/1.jpg", "1.jpg", "2.jpg"]);
    const all = await findImages(folder, ["/x/photos/a/1.jpg", "/x/photos/b/2.jpg", "/x/photos/3.jpg"]);
    expect([[...all.found], all.images.nameAt(0)]).toEqual([[0], "a/1.jpg"]);
    expect(all.problems).toEqual(["images are looked for as a/1.jpg instead of /x/photos/a/1.jpg"]);
    expect((await findImages(folder, ["/x/val/1.jpg", "/x/val/2.jpg"])).found).toHaveLength(0);
    const val = await lay("common-split/val", ["1.jpg"]);
    expect((await findImages(val, ["/x/val/1.jpg", "/x/val/2.jpg"])).found).toHaveLength(1);
  });

  test.each(["{set}", "{a,b}", "x.tar", "100%", "a#b?c"])("in a folder that is called %s", async (name) => {
    const folder = await lay(join("called", name), ["a/1.jpg"]);
    expect((await findImages(folder, ["a/1.jpg"])).images.at(0)).toBe(join(folder, "a/1.jpg"));
  });
});

describe("shards that repeat keys", () => {
  async function shardsOf(name: string, shards: Record<string, string[]>): Promise<string> {
    for (const [prefix, keys] of Object.entries(shards)) {
      const writer = await createShardWriter(join(root, name), { prefix });
      for (const key of keys) await writer.add(key, { jpg: Buffer.from(`${prefix} ${key}`) });
      await writer.close();
    }
    return join(root, name);
  }

  test("a wanted key that is ambiguous is refused, another one is found", async () => {
    const where = await shardsOf("ambiguous", { a: ["1", "2"], b: ["1", "3"] });
    expect([...(await findImages(where, ["2.jpg", "3.jpg"])).found]).toEqual([0, 1]);
    await expect(findImages(where, ["2.jpg", "1.jpg"])).rejects.toThrow(
      /expected one image with the key "1", got different ones in .*a-000000\.tar and in .*b-000000\.tar/,
    );
    const ids = ["0a00000000000001", "0b00000000000002"];
    const twice = await shardsOf("ambiguous-ids", { small: ids, large: ids });
    await expect(byId(twice, ids)).rejects.toThrow(/the key "0a00000000000001", got different ones/);
  });

  test("two names that become one key are refused", async () => {
    const where = await shardsOf("one-key", { a: ["1", "2"] });
    await expect(findImages(where, ["x/1.jpg", "y/1.jpg"])).rejects.toThrow(
      /an image for each of x\/1\.jpg and y\/1\.jpg, got one, a-000000\.tar\/1: .*leave out folders/,
    );
    await expect(findImages(where, ["1.jpg", "1.png"])).rejects.toThrow(/1\.jpg and 1\.png, got one/);
    expect((await findImages(where, ["./1.jpg", "1.jpg"])).found).toHaveLength(2);
  });
});

test("names with dots in shards of other tools are found by the key up to the first dot, and only their own image", async () => {
  const files = await lay("dotted-files", ["22.01.jpg", "x.input.jpg", "y.jpg"]);
  const tar = join(root, "dotted.tar");
  execFileSync("tar", ["-C", files, "-cf", tar, "22.01.jpg", "x.input.jpg", "y.jpg"]);
  const { found } = await findImages(tar, ["a/22.01.jpg", "22.02.jpg", "x.jpg", "x.target.jpg", "y.jpg"]);
  expect([...found]).toEqual([0, 2, 4]);
});
