import { execFileSync } from "node:child_process";
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { FileRanges } from "../sources/file-ranges.js";
import { openShards, type ShardSet } from "./open-shards.js";
import { createShardWriter } from "./shard-writer.js";

const fixtures = resolve(import.meta.dirname, "../../fixtures");
const images = ["420.jpg", "422.jpg", "444.jpg", "grey.jpg", "profile.jpg", "text.jpg"];
/** 24 samples in shards of 10, 10 and 4. */
const key = (i: number): string => `train/${String(i).padStart(4, "0")}`;

const { at } = temporaryFolder();
let folder: string;
beforeAll(async () => {
  folder = at("shards");
  await mkdir(folder);
  const writer = createShardWriter(folder, { prefix: "x", maxSamples: 10 });
  for (let i = 0; i < 24; i++) {
    const jpg = await readFile(join(fixtures, images[i % images.length]!));
    await writer.add(key(i), i % 2 ? { jpg } : { jpg, json: { label: i } });
  }
  await writer.close();
});

async function contents(set: ShardSet): Promise<{ key: string; image: Uint8Array; json: unknown }[]> {
  const ranges = new FileRanges(2);
  const all = [];
  for (let i = 0; i < set.length; i++) {
    const label = set.labelAt(i);
    const json = label && JSON.parse(new TextDecoder().decode(await ranges.read(label)));
    all.push({ key: set.keys.at(i), image: await ranges.read(set.at(i)), json });
  }
  ranges.close();
  return all;
}

/** A copy of the shards without their indexes. */
async function copy(name: string): Promise<string> {
  const target = at(name);
  await mkdir(target);
  for (const file of await readdir(folder)) {
    if (file.endsWith(".tar")) await copyFile(join(folder, file), join(target, file));
  }
  return target;
}

describe("openShards", () => {
  it("finds every sample of a brace list, first by the headers, then by the indexes", async () => {
    const pattern = join(folder, "x-{000000..000002}.tar");
    const first = await openShards(pattern);
    expect(first.length).toBe(24);
    expect(first.problems).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.endsWith(".idx")).length).toBe(3);
    const again = await openShards(pattern, {
      onProgress: () => {
        throw new Error("indexed again");
      },
    });
    const expected = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => ({
        key: key(i),
        image: new Uint8Array(await readFile(join(fixtures, images[i % images.length]!))),
        json: i % 2 ? undefined : { label: i },
      })),
    );
    expect(await contents(first)).toEqual(expected);
    expect(await contents(again)).toEqual(expected);
    expect(again.nameAt(13)).toBe("x-000001.tar/train/0013");
  });

  it.each(["{set}", "{a,b}", "{1..2}", "{"])("takes a folder that is called %s", async (name) => {
    const named = await copy(name);
    for (const where of [named, join(named, "x-000001.tar"), join(named, "x-{000001..000001}.tar")])
      expect((await openShards(where, { keepIndex: false })).keys.at(-1 + 10)).toBe(
        where === named ? key(9) : key(19),
      );
    const inner = at(name, "{x}");
    await mkdir(inner);
    await copyFile(join(named, "x-000001.tar"), join(inner, "0.tar"));
    expect((await openShards(join(inner, "{0..1}.tar"), { keepIndex: false })).length).toBe(10);
  });

  it("takes a folder, too, and looks keys up in any order", async () => {
    const set = await openShards(folder);
    const wanted = [key(23), key(0), key(10)];
    const list = set.images(wanted);
    expect([0, 1, 2].map((i) => list.at(i))).toEqual([23, 0, 10].map((i) => set.at(i)));
    const { images: some, found, missing } = set.find(["nope", key(4), "", key(3), "train/00"]);
    expect([some.length, [...found], [...missing]]).toEqual([2, [1, 3], [0, 2, 4]]);
    expect(some.nameAt(1)).toBe("x-000000.tar/train/0003");
    expect([...set.keys].map((key) => set.keys.indexOf(key))).toEqual(
      Array.from({ length: 24 }, (_, i) => i),
    );
    expect(() => set.images(["nope", key(1)])).toThrow("got 1 that are not there: nope. find(keys)");
    expect(() => set.at(24)).toThrow("below 24, got 24");
    expect(() => some.at(2)).toThrow("below 2, got 2");
  });

  it("groups the files of a sample as WebDataset does", async () => {
    const plain = at("plain");
    await mkdir(join(plain, "sub"), { recursive: true });
    const names = [
      "./a.jpg",
      "./a.cls",
      "./b.seg.png",
      "./b.JPEG",
      "./.hidden.jpg",
      "./sub/a.b.json",
      "./sub/a.webp",
      "./c.txt",
    ];
    for (const name of names) await writeFile(join(plain, name), name);
    const shard = at("mixed.tar");
    execFileSync("tar", ["-C", plain, "-cf", shard, ...names]);
    const set = await openShards(shard, { keepIndex: false });
    const ranges = new FileRanges();
    const text = async (i: number): Promise<string> => new TextDecoder().decode(await ranges.read(set.at(i)));
    expect([...set.keys]).toEqual(["a", "b", "sub/a"]);
    expect([await text(0), await text(1), await text(2)]).toEqual(["./a.jpg", "./b.JPEG", "./sub/a.webp"]);
    expect([set.labelAt(0)?.kind, set.labelAt(1), set.labelAt(2)]).toEqual(["cls", undefined, undefined]);
    expect(set.problems.map(({ text }) => text)).toEqual([
      expect.stringContaining("1 samples without an image"),
    ]);
    ranges.close();
  });

  it("uses the whole samples of a shard that was cut, and says what is lost, also from the index", async () => {
    const cut = await copy("cut");
    const path = join(cut, "x-000001.tar");
    const whole = await openShards(folder);
    const { offset, length } = whole.at(17); // the eighth of that shard
    await truncate(path, offset + length - 1);
    for (const time of ["indexing", "by the index"]) {
      const set = await openShards(cut);
      expect(set.length, time).toBe(21);
      expect([...set.keys].slice(15, 18)).toEqual([key(15), key(16), key(20)]);
      expect(set.problems).toEqual([
        {
          shard: path,
          kind: "cut",
          text: expect.stringContaining("up to train/0016 are used"),
          lostBytes: 512 + length - 1,
        },
      ]);
    }
    // Fetched again: other content, another index.
    await copyFile(join(folder, "x-000001.tar"), path);
    expect(await openShards(cut)).toMatchObject({ length: 24, problems: [] });
  });

  it("tells content, not time: a touched shard keeps its index, other bytes of the same size do not", async () => {
    const touched = await copy("touched");
    const path = join(touched, "x-000000.tar");
    await openShards(path);
    const reading = async (): Promise<number> => {
      let times = 0;
      await openShards(path, { onProgress: () => times++ });
      return times;
    };
    await utimes(path, 1, 1);
    expect(await reading()).toBe(0);
    const bytes = await readFile(path);
    bytes[0] = "s".charCodeAt(0); // "train/0000.jpg" becomes "srain/0000.jpg", and the checksum one less
    bytes.write(
      (Number.parseInt(bytes.toString("latin1", 148, 154), 8) - 1).toString(8).padStart(6, "0"),
      148,
    );
    await writeFile(path, bytes);
    const changed = await openShards(path);
    expect(changed.keys.at(0)).toBe("srain/0000");
    expect(await reading()).toBe(0);
    // A torn index is made again.
    await truncate(`${path}.idx`, (await stat(`${path}.idx`)).size - 5);
    expect(await reading()).toBeGreaterThan(0);
  });

  it("continues without an index where it cannot be written, and leaves a foreign file alone", async () => {
    const foreign = await copy("foreign");
    const idx = join(foreign, "x-000002.tar.idx");
    await writeFile(idx, "somebody else's");
    const set = await openShards(foreign);
    expect(set.length).toBe(24);
    expect(set.problems).toEqual([
      {
        shard: join(foreign, "x-000002.tar"),
        kind: "index",
        text: expect.stringContaining("not an index of this package"),
      },
    ]);
    expect(await readFile(idx, "utf8")).toBe("somebody else's");
  });

  it.runIf(process.getuid?.() !== 0)("says so when the folder is read-only", async () => {
    const sealed = await copy("sealed");
    await chmod(sealed, 0o500);
    const set = await openShards(sealed);
    expect(set.problems.map(({ kind }) => kind)).toEqual(["index", "index", "index"]);
    await chmod(sealed, 0o700);
  });

  it("names the shards of a list that are missing or compressed", async () => {
    const some = await copy("some");
    await rm(join(some, "x-000001.tar"));
    execFileSync("gzip", ["-n", join(some, "x-000002.tar")]);
    execFileSync("mv", [join(some, "x-000002.tar.gz"), join(some, "x-000002.tar")]);
    const set = await openShards(join(some, "x-{000000..000002}.tar"), { keepIndex: false });
    expect(set.length).toBe(10);
    expect(set.problems.map(({ kind }) => kind)).toEqual(["missing", "compressed"]);
  });

  it.each([
    [
      "nowhere-{0..1}.tar",
      "expected shards with images, got none from nowhere-{0..1}.tar. nowhere-0.tar is not there.",
    ],
    ["http://example.com/x-{0..1}.tar", "expected shards on a disk, got http://"],
    [fixtures, "expected a folder with .tar files, got"],
    [join(fixtures, "420.jpg"), "expected shards with images, got none"],
  ])("refuses %s", async (where, message) => {
    await expect(openShards(where, { keepIndex: false })).rejects.toThrow(message);
  });

  describe("repeated keys", () => {
    /** Shards of `key: image` entries, in the order given. */
    async function shardsOf(name: string, shards: Record<string, [key: string, image: string][]>) {
      for (const [shard, samples] of Object.entries(shards)) {
        const writer = createShardWriter(at(name), { prefix: shard });
        for (const [sample, image] of samples) await writer.add(sample, { jpg: Buffer.from(image) });
        await writer.close();
      }
      return at(name);
    }

    it("are counted and named, in one shard and across shards; a wanted one is refused unless its images are equal", async () => {
      const where = await shardsOf("repeated", {
        a: [
          ["1", "first"],
          ["2", "second"],
          ["3", "third"],
        ],
        b: [
          ["1", "other"],
          ["2", "second"],
          ["4", "x"],
          ["5", "y"],
          ["4", "z"],
        ],
      });
      for (const time of ["indexing", "by the index"]) {
        const set = await openShards(where);
        expect(
          set.problems.map(({ kind, text }) => [kind, text.replaceAll(where, "")]),
          time,
        ).toEqual([
          [
            "repeated",
            "3 samples have the key of another one (1, 2, 4): 1 is in /a-000000.tar and in /b-000000.tar.",
          ],
        ]);
        expect(set.keys.positionsOf("1")).toEqual([0, 3]);
        expect(set.keys.positionsOf("4")).toEqual([5, 7]);
        expect(set.keys.positionsOf("no")).toEqual([]);
        expect([set.keys.indexOf("4"), set.sameImage(1, 4), set.sameImage(0, 3)]).toEqual([5, true, false]);
        expect(set.images(["2", "3"]).nameAt(0)).toBe("a-000000.tar/2");
        expect(() => set.images(["3", "1"])).toThrow(
          /one image with the key "1", got different ones in .*a-0.*b-0/,
        );
        expect(() => set.find(["4"])).toThrow(
          /the key "4", got different ones in .*b-000000\.tar and in .*b-000000/,
        );
      }
    });

    it("of neighbours: a second file of the same name is a second sample, with its own label", async () => {
      const folder = at("neighbours");
      await mkdir(folder);
      const shard = join(folder, "n.tar");
      for (const [i, text] of ["cat", "dog"].entries()) {
        for (const ending of ["json", "jpg"]) await writeFile(join(folder, `1.${ending}`), `"${text}"`);
        execFileSync("tar", ["-C", folder, i === 0 ? "-cf" : "-rf", shard, "1.json", "1.jpg"]);
      }
      const set = await openShards(shard, { keepIndex: false });
      const both = await contents(set);
      expect(both.map(({ key, image, json }) => [key, new TextDecoder().decode(image), json])).toEqual([
        ["1", '"cat"', "cat"],
        ["1", '"dog"', "dog"],
      ]);
      expect(set.problems.map(({ kind }) => kind)).toEqual(["repeated"]);
    });
  });

  /** A tar of these names; every image is the same one. */
  async function tarOf(name: string, files: readonly string[]): Promise<string> {
    const source = at(`${name}-files`);
    await mkdir(source);
    for (const file of files) await copyFile(join(fixtures, "grey.jpg"), join(source, file));
    execFileSync("tar", ["-C", source, "-cf", at(`${name}.tar`), ...files]);
    return at(`${name}.tar`);
  }

  it("takes the image of a name with dots where it is the only one, and says so of several", async () => {
    const files = [
      "22.01.jpg",
      "22.json",
      "23.01.jpg",
      "23.02.jpg",
      "x.input.jpg",
      "x.cls",
      "y.jpg",
      "y.mask.png",
      "z.seg.tiff",
    ];
    const tar = await tarOf("dots", files);
    for (const _ of ["by headers", "by index"]) {
      const set = await openShards(tar);
      expect([...set.keys]).toEqual(["22", "x", "y"]);
      expect([0, 1, 2].map((i) => set.innerEnding(i))).toEqual(["01.jpg", "input.jpg", undefined]);
      expect(set.labelAt(0)?.kind).toBe("json");
      expect((await contents({ ...set, labelAt: () => undefined }))[1]!.image).toEqual(
        new Uint8Array(await readFile(join(fixtures, "grey.jpg"))),
      );
      expect(set.problems.map(({ text }) => text)).toEqual([
        expect.stringMatching(
          /1 samples with several images, .*\(first: 23\.01\.jpg, 23\.02\.jpg\).*ends at the first dot/,
        ),
        expect.stringContaining("1 samples without an image"),
      ]);
    }
  });
});
