import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "@csl/test-support";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTarGz } from "../../test/make-tar-gz.js";
import { type UnpackOptions, unpackArchive } from "./unpack-archive.js";

let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-unpack-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(count++), "data");
  await mkdir(folder, { recursive: true });
});

const at = (...parts: string[]): string => join(folder, ...parts);
const unpack = (name: string, options: UnpackOptions = {}) => unpackArchive(at(name), folder, options);
/** Every file below the folder, by its path. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(folder.length + 1)] = await readFile(path, "latin1");
  }
  return found;
}

/** Both kinds of archive of the same files. */
const kinds: [name: string, of: (files: readonly (readonly [string, string])[]) => Promise<Buffer>][] = [
  ["a.zip", async (files) => zipOf(files, { deflate: true })],
  ["a.tar.gz", (files) => makeTarGz(files)],
];
const coco = [
  ["annotations/instances_val.json", '{"images": []}'],
  ["./val/1.jpg", "one"],
  ["val/2.jpg", ""],
] as const;
const inPlace = { "annotations/instances_val.json": '{"images": []}', "val/1.jpg": "one", "val/2.jpg": "" };

describe.each(kinds)("unpackArchive(%s)", (name, of) => {
  it("puts everything into place, removes the archive when asked to, and does so once", async () => {
    await writeFile(at(name), await of(coco));
    await utimes(at(name), 5, 5);
    const done = await unpack(name, { remove: true, source: "http://a/b" });
    expect(done).toMatchObject({ files: 3, bytes: 17, already: false });
    const { [`${name}.unpacked.json`]: record, ...files } = await contents();
    expect(files).toEqual(inPlace);
    expect(JSON.parse(record!)).toMatchObject({ archive: name, source: "http://a/b", files: 3, bytes: 17 });
    await writeFile(at("val/1.jpg"), "changed since");
    const size = JSON.parse(record!).size as number;
    await writeFile(at(name), Buffer.alloc(size)); // would be refused if anybody looked into it
    await utimes(at(name), 5, 5);
    expect(await unpack(name)).toMatchObject({ files: 3, already: true });
    expect(await readFile(at("val/1.jpg"), "utf8")).toBe("changed since");
    await writeFile(at(name), await of([["val/1.jpg", "another of the same size"]]));
    const { size: other } = await stat(at(name));
    await writeFile(at(`${name}.unpacked.json`), JSON.stringify({ ...JSON.parse(record!), size: other }));
    expect(await unpack(name, { overwrite: true })).toMatchObject({ files: 1, already: false });
    expect(await readFile(at("val/1.jpg"), "utf8")).toBe("another of the same size");
  });

  it("unpacks again what is no longer there, and another archive of the name", async () => {
    const bytes = await of(coco);
    await writeFile(at(name), bytes);
    await unpack(name);
    expect(await contents()).toHaveProperty([name]); // kept
    await rm(at("val"), { recursive: true });
    expect(await unpack(name)).toMatchObject({ already: false });
    expect(await readFile(at("val/1.jpg"), "utf8")).toBe("one");
    await writeFile(at(name), await of([...coco, ["val/3.jpg", "three"]]));
    expect(await unpack(name)).toMatchObject({ files: 4, already: false });
  });

  it("joins folders that are there, through links to other places too", async () => {
    await mkdir(join(root, `elsewhere-${name}`));
    await symlink(join(root, `elsewhere-${name}`), at("val"));
    await mkdir(at("annotations"));
    await writeFile(at("annotations/instances_train.json"), "other");
    await writeFile(at("annotations/instances_val.json"), inPlace["annotations/instances_val.json"]);
    await writeFile(at(name), await of(coco));
    await unpack(name, { remove: true });
    expect(await readFile(join(root, `elsewhere-${name}`, "1.jpg"), "utf8")).toBe("one");
    expect(await readFile(at("annotations/instances_train.json"), "utf8")).toBe("other");
  });

  it.each([
    ["shorter", "half"],
    ["of the same length", "two"],
  ])("never replaces a person's file that is %s, until it is moved away or may be lost", async (_, mine) => {
    const theirs = { "val/1.jpg": mine, "annotations/instances_val.json": '{"images": [1]}' };
    await mkdir(at("val"));
    await mkdir(at("annotations"));
    for (const [path, text] of Object.entries(theirs)) await writeFile(at(path), text);
    await writeFile(at(name), await of(coco));
    await expect(unpack(name, { remove: true })).rejects.toMatchObject({
      code: "already-exists",
      message: expect.stringMatching(/\(and 1 more\) to be as in the archive or not there.*--overwrite/),
    });
    expect(await contents()).toMatchObject(theirs);
    expect(await contents()).not.toHaveProperty(["val/2.jpg"]);
    await rename(at("val/1.jpg"), at("mine.jpg"));
    await expect(unpack(name)).rejects.toThrow(/instances_val\.json to be as in the archive/);
    expect(await unpack(name, { overwrite: true })).toMatchObject({ files: 3 });
    const { [`${name}.unpacked.json`]: __, ...files } = await contents();
    expect(files).toEqual({ ...inPlace, "mine.jpg": mine });
  });

  it("says what is in the way, and continues when it is gone", async () => {
    await writeFile(at("val"), "a file");
    await writeFile(at(name), await of(coco));
    await expect(unpack(name)).rejects.toThrow(
      /expected .*val to be a folder, as in the archive, got a file\. Move/,
    );
    await rm(at("val"));
    await writeFile(at(name, "..", "mark"), "");
    expect(await unpack(name, { remove: true })).toMatchObject({ files: 3 });
    const { mark: _, [`${name}.unpacked.json`]: __, ...files } = await contents();
    expect(files).toEqual(inPlace);
  });

  it("unpacks thousands of files, and tells how far it is", async () => {
    const many = Array.from(
      { length: 1500 },
      (_, i) => [`train/${i % 37}/${i}.jpg`, `${i} `.repeat(i % 50)] as const,
    );
    await writeFile(at(name), await of(many));
    const shares: number[] = [];
    const done = await unpack(name, { remove: true, onProgress: ({ share }) => shares.push(share) });
    expect(done.files).toBe(1500);
    expect(done.bytes).toBe(many.reduce((sum, [, text]) => sum + text.length, 0));
    const { [`${name}.unpacked.json`]: _, ...files } = await contents();
    expect(files).toEqual(Object.fromEntries(many));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it("lets one run at a time do it", async () => {
    const many = Array.from({ length: 500 }, (_, i) => [`train/${i}.jpg`, `${i} `.repeat(50)] as const);
    await writeFile(at(name), await of(many));
    let second: Promise<unknown> | undefined;
    const onProgress = () => {
      second ??= unpack(name).catch((error: unknown) => error); // while the first is under way
    };
    expect(await unpack(name, { onProgress })).toMatchObject({ files: 500 });
    expect(String(await second)).toMatch(/expected to be the only run here/);
  });
});

describe("unpackArchive", () => {
  it("takes zip64, tar's long names, empty folders, and the last file of a name", async () => {
    const long = `${"folder-with-a-long-name/".repeat(8)}image.jpg`;
    await writeFile(at("wide.zip"), zipOf({ [long]: "z", "empty/": "" }, { wide: true }));
    await unpack("wide.zip");
    expect(await readFile(at(long), "utf8")).toBe("z");
    await writeFile(
      at("long.tgz"),
      await makeTarGz([
        [long, "first"],
        ["empty-too/", { type: "directory" }],
        [long, "again"],
      ]),
    );
    expect(await unpack("long.tgz", { overwrite: true })).toMatchObject({ files: 1 });
    expect(await readFile(at(long), "utf8")).toBe("again");
    expect(await readdir(folder)).toEqual(expect.arrayContaining(["empty", "empty-too"]));
  });

  it("says what an archive needs, and does not begin without it", async () => {
    const log: string[] = [];
    const freeBytes = async (): Promise<number> => 10_000;
    await writeFile(at("big.zip"), zipOf({ "a.jpg": Buffer.alloc(1_500_000) }, { deflate: true }));
    await expect(unpack("big.zip", { freeBytes, log: (text) => log.push(text) })).rejects.toThrow(
      /expected 1\.50 MB free for what is in big\.zip, got 10\.0 kB in .*data\. Free some space/,
    );
    expect(log).toEqual(["unpacking big.zip: 1 files, which need 1.50 MB; 10.0 kB are free"]);
    await writeFile(at("big.tar.gz"), await makeTarGz([["a.jpg", Buffer.alloc(100_000, "abcdefg")]]));
    await expect(unpack("big.tar.gz", { freeBytes: async () => 5 })).rejects.toThrow(
      /expected at least \d+ B free/,
    );
    await writeFile(at("other.rar"), "");
    await expect(unpack("other.rar")).rejects.toThrow(
      /expected a \.zip, \.tar\.gz or \.tgz, got .*other\.rar/,
    );
    await expect(unpack("none.zip")).rejects.toThrow(/expected an archive at .*none\.zip, got ENOENT/);
  });
});
