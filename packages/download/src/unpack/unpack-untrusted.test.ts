import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { zipOf } from "@csl/test-support";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTarGz } from "../../test/make-tar-gz.js";
import { unpackArchive } from "./unpack-archive.js";

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

/** Unpacks these bytes; afterwards nothing but the archive is where it must not be. */
async function unpack(name: string, bytes: Uint8Array): Promise<unknown> {
  await writeFile(join(folder, name), bytes);
  try {
    return await unpackArchive(join(folder, name), folder);
  } catch (error) {
    expect(await readdir(folder)).toEqual([name]);
    return (error as Error).message;
  } finally {
    expect(await readdir(join(folder, ".."))).toEqual(["data"]);
  }
}

describe("archives that mean harm", () => {
  it.each([
    "../evil",
    "a/../../evil",
    "/evil",
    "..\\evil",
    "C:\\evil",
    "C:evil",
    "\\\\host\\evil",
    "a/..",
    "nul\0/evil",
  ])("refuses to write to %j", async (name) => {
    expect(await unpack("a.zip", zipOf({ "good.jpg": "1", [name]: "owned" }))).toMatch(
      /expected a complete, undamaged archive, got .*a\.zip \(.*(outside the folder|invalid|absolute)/,
    );
    await rm(join(folder, "a.zip"));
    if (name.includes("\0")) return; // a tar's names end there
    const tar = await makeTarGz([
      ["good.jpg", "1"],
      [name, "owned"],
    ]);
    expect(await unpack("a.tar.gz", tar)).toMatch(/it has a file for ".*evil|a\/\.\.", which is outside/);
  });

  it("makes no links and no devices, and so writes through none", async () => {
    const linked = await makeTarGz([
      ["out", { type: "symlink", linkname: "../.." }],
      ["out/evil", "inside all the same"],
      ["hard", { type: "link", linkname: "/etc/passwd" }],
      ["null", { type: "character-device", devmajor: 1, devminor: 3 }],
    ]);
    expect(await unpack("links.tar.gz", linked)).toMatchObject({
      files: 1,
      leftOut: {
        count: 3,
        names: ["out", "hard", "null"],
        kinds: {
          "symbolic links": { count: 1, first: "out" },
          "hard links": { count: 1, first: "hard" },
          devices: { count: 1, first: "null" },
        },
      },
    });
    expect(await readFile(join(folder, "out/evil"), "utf8")).toBe("inside all the same");
    const zip = zipOf({ link: { content: "/etc", mode: 0o120777 }, "link/evil": "inside" });
    expect(await unpack("links.zip", zip)).toMatchObject({
      files: 1,
      leftOut: { count: 1, kinds: { "symbolic links": { count: 1, first: "link" } } },
    });
  });

  // GNU's form needs blocks of the map behind the header, pax has it in fields or before the data.
  it.each([
    ["gnu", []],
    ["pax", ["--sparse-version=0.0"]],
    ["pax", ["--sparse-version=1.0"]],
  ])(
    "names the sparse files of %s %j, reads what is behind them, and keeps the archive",
    async (format, more) => {
      const source = join(root, "to pack");
      await mkdir(source, { recursive: true });
      const file = await open(join(source, "holes.jpg"), "w");
      for (let i = 0; i < 60; i++) await file.write("data", i * (1 << 17));
      await file.close();
      const large = "z".repeat(300_000);
      await writeFile(join(source, "a.jpg"), "one");
      await writeFile(join(source, "z.jpg"), large);
      const path = join(folder, "a.tar.gz");
      const files = ["a.jpg", "holes.jpg", "z.jpg"];
      execFileSync("tar", ["-C", source, `--format=${format}`, "--sparse", ...more, "-czf", path, ...files]);
      expect(await unpackArchive(path, folder, { remove: true })).toMatchObject({
        files: 2,
        leftOut: { count: 1, kinds: { "sparse files": { count: 1, first: "holes.jpg" } } },
      });
      expect((await readdir(folder)).sort()).toEqual([
        "a.jpg",
        "a.tar.gz",
        "a.tar.gz.unpacked.json",
        "z.jpg",
      ]);
      expect(await readFile(join(folder, "z.jpg"), "utf8")).toBe(large);
    },
  );

  it("tells a terminal no control characters and no endless names", async () => {
    const zip = zipOf({ "\x1b[2J.jpg": { content: "abc", crc: 1 } });
    expect(await unpack("a.zip", zip)).toMatch(/^\P{Cc}*\u{fffd}\[2J\.jpg has another checksum/u);
    await rm(join(folder, "a.zip"));
    const name = `\x1b[2J${"x".repeat(90)}/`.repeat(5);
    const links = await makeTarGz([
      ["a.jpg", "1"],
      [`${name}link`, { type: "symlink", linkname: "a.jpg" }],
    ]);
    const { leftOut } = (await unpack("a.tar.gz", links)) as { leftOut: { names: string[] } };
    expect(leftOut.names[0]).toMatch(/^\u{fffd}\[2Jx\P{Cc}{1,200}…$/u);
  });

  it("lets none replace itself or the record of it", async () => {
    for (const name of ["a.zip", "a.zip.unpacked.json", "a.zip.unpacking/state.json"])
      expect(await unpack("a.zip", zipOf({ [name]: "x" }))).toMatch(/has a file of its own name/);
  });

  it("believes no sizes and checksums, and says what it can't read", async () => {
    for (const [file, reason] of [
      [{ content: "abc", crc: 1 }, /b\.jpg has another checksum/],
      [{ content: "abc", size: 5 }, /size/i],
      [{ content: "abc", flags: 1 }, /b\.jpg is encrypted/],
      [{ content: "abc", method: 9 }, /b\.jpg is packed by method 9/],
    ] as const) {
      const zip = zipOf({ "a.jpg": "whole", "b.jpg": file }, { deflate: "flags" in file });
      expect(await unpack("a.zip", zip)).toMatch(reason);
    }
    // A bomb: it says one byte and holds a megabyte.
    const bomb = zipOf({ "b.jpg": { content: Buffer.alloc(1 << 20), size: 1 } }, { deflate: true });
    expect(await unpack("a.zip", bomb)).toMatch(/expected a complete, undamaged archive/);
  });
});

describe("archives that cannot be as they are", () => {
  const both = async (entries: readonly (readonly [string, string])[]) =>
    [
      ["a.zip", zipOf(entries)],
      ["a.tar.gz", await makeTarGz(entries)],
    ] as const;

  it("says so of a file that is a folder too, of names that are too long, and of nothing", async () => {
    for (const [entries, reason] of [
      [
        [
          ["a", "1"],
          ["a/b", "2"],
        ],
        /got .* \(something in it is a file and a folder at once\)\. Nothing of it/,
      ],
      [
        [
          ["a/b", "1"],
          ["a", "2"],
        ],
        /something in it is a file and a folder at once/,
      ],
      [[["x".repeat(300), "1"]], /a name in it is longer than this disk allows/],
      [[], /there is nothing in it/],
    ] as const)
      for (const [name, bytes] of await both(entries)) {
        expect(await unpack(name, bytes), name).toMatch(reason);
        await rm(join(folder, name));
      }
  });

  it("a tar that ends within a file, though its gzip is whole", async () => {
    const whole = gunzipSync(await makeTarGz([["a.jpg", "x".repeat(3000)]]));
    // The file's reader or the archive's is the first to notice.
    expect(await unpack("a.tar.gz", gzipSync(whole.subarray(0, 1500)))).toMatch(
      /a\.jpg has \d+ of the 3000 bytes|Unexpected end of data/,
    );
  });

  it("keeps files apart whose names differ in bytes that are not UTF-8", async () => {
    const tar = gunzipSync(
      await makeTarGz([
        ["caf?.jpg", "1"],
        ["caf!.jpg", "2"],
        ["中.jpg", "3"],
      ]),
    );
    for (const [mark, byte] of [
      ["?", 0xe9],
      ["!", 0xe8],
    ] as const) {
      const at = tar.indexOf(`caf${mark}`);
      const sum = Number.parseInt(tar.toString("latin1", at + 148, at + 154), 8) + byte - mark.charCodeAt(0);
      tar[at + 3] = byte;
      tar.write(sum.toString(8).padStart(6, "0"), at + 148, "latin1");
    }
    expect(await unpack("a.tar.gz", gzipSync(tar))).toMatchObject({ files: 3 });
    expect(await readFile(join(folder, "caf\u00e9.jpg"), "utf8")).toBe("1");
    expect(await readFile(join(folder, "caf\u00e8.jpg"), "utf8")).toBe("2");
    expect(await readFile(join(folder, "中.jpg"), "utf8")).toBe("3");
  });
});

describe("damaged archives", () => {
  /** Texts that no damage leaves equal: numbers of a generator. */
  const files = Array.from({ length: 12 }, (_, i) => {
    let x = i + 1;
    const numbers = Array.from({ length: 20 * i }, () => (x = (x * 48271) % 0x7fffffff));
    return [`f/${i}.txt`, numbers.join(" ")] as const;
  });

  /** What lies in the folder after a success, as texts; the folder is empty again. */
  async function taken(): Promise<string[]> {
    const texts: string[] = [];
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile() && !entry.name.startsWith("a."))
        texts.push(await readFile(join(entry.parentPath, entry.name), "utf8"));
    await rm(folder, { recursive: true });
    await mkdir(folder);
    return texts;
  }

  it("a zip that is cut off anywhere, or has a damaged byte, gives nothing or the right texts", async () => {
    const whole = zipOf(files, { deflate: true });
    const right = new Set(files.map(([, text]) => text));
    for (let length = 0; length < whole.length; length += 397)
      expect(await unpack("a.zip", whole.subarray(0, length))).toMatch(
        /[^.]\. Nothing of it is in the folder/,
      );
    for (let at = 0; at < whole.length; at += 53) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x20;
      const got = await unpack("a.zip", bytes);
      if (typeof got === "string") continue;
      // The damage was in what nobody needs, in a name, or made an entry a device, which is told.
      const { files: count, leftOut } = got as { files: number; leftOut: { count: number } };
      const texts = await taken();
      expect(count + leftOut.count, `${at}`).toBe(12);
      expect(texts.length).toBe(count);
      expect(texts.every((text) => right.has(text))).toBe(true);
    }
  });

  it("a tar.gz that is cut off anywhere, or has a damaged byte, gives nothing", async () => {
    const whole = await makeTarGz(files);
    for (let length = 0; length < whole.length; length += 397)
      expect(typeof (await unpack("a.tar.gz", whole.subarray(0, length))), `${length}`).toBe("string");
    // The first ten bytes say when and where it was made.
    for (let at = 10; at < whole.length; at += 53) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x20;
      expect(typeof (await unpack("a.tar.gz", bytes)), `${at}`).toBe("string");
    }
    // Whole by gzip's checksum, but the tar in it ends within a file, or is none.
    const tar = gunzipSync(whole);
    expect(await unpack("a.tar.gz", gzipSync(tar.subarray(0, 3000)))).toMatch(/Unexpected end of data/);
    expect(await unpack("a.tar.gz", gzipSync("no tar"))).toMatch(/expected a complete, undamaged archive/);
    expect(await unpack("a.tar.gz", gzipSync(""))).toMatch(/there is nothing in it/);
    expect(await unpack("a.tar.gz", Buffer.from("<html>Please log in"))).toMatch(/incorrect header check/);
  });
});
