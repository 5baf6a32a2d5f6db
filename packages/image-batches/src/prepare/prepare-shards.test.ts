import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { openShards } from "../shards/open-shards.js";
import { folderImages } from "../sources/image-list.js";
import type { PrepareFiles, PrepareOptions } from "./prepare-options.js";
import { prepareShards } from "./prepare-shards.js";

const COUNT = 24;
const BAD = [5, 6, 13]; // positions of images that cannot be read
const { at, folder: root } = temporaryFolder();
let names: string[];
let whole: Record<string, string>;

/** Shards of four to five samples, in-process. */
const options: PrepareOptions = { shortEdge: 32, workers: 0, maxBytes: 12_000, prefix: "p" };
const prepare = (folder: string, more: PrepareOptions = {}) =>
  prepareShards(folderImages(at("images"), names), at(folder), { ...options, ...more });

/** Hash by file name of the shards; of the list of unreadable ones the names (libvips varies in its reasons). */
async function contents(folder: string): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const name of (await readdir(at(folder))).sort()) {
    const bytes = await readFile(at(folder, name));
    if (name.endsWith(".csv")) out[name] = `${bytes}`.replaceAll(/,.*/g, "").trim();
    else if (!name.endsWith(".jsonl")) out[name] = createHash("sha256").update(bytes).digest("hex");
  }
  return out;
}

/** Aborts after `count` images. */
function stopAfter(count: number): PrepareOptions {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === count) controller.abort(new Error("stopped by the test"));
    },
  };
}

/** The real file system, but the disk is full after `room` bytes of shards; a last write stops half-way. */
function smallDisk(room: number): PrepareFiles {
  const fake = { ...nodeFiles };
  fake.open = (async (path: string, flags: string) => {
    const file = await nodeFiles.open(path, flags);
    const appendFile = file.appendFile.bind(file);
    file.appendFile = async (data) => {
      const bytes = data as Uint8Array;
      if (bytes.length > room) {
        await appendFile(bytes.subarray(0, room));
        room = 0;
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      }
      room -= bytes.length;
      await appendFile(bytes);
    };
    return file;
  }) as typeof nodeFiles.open;
  return fake;
}

beforeAll(async () => {
  await mkdir(at("images", "sub"), { recursive: true });
  names = Array.from({ length: COUNT }, (_, i) => `${i % 2 ? "sub/" : ""}${i}.${i % 3 ? "jpg" : "png"}`);
  names[8] = `ein Name, länger als 100 Bytes ${"画".repeat(30)}.jpg`;
  for (const [i, name] of names.entries()) {
    const width = 40 + i * 7;
    const data = Uint8Array.from({ length: width * 50 * 3 }, (_, k) => (k * (i + 3)) % 251);
    const image = sharp(data, { raw: { width, height: 50, channels: 3 } });
    const bytes = await (name.endsWith("png") ? image.png() : image.jpeg()).toBuffer();
    if (BAD.includes(i)) await writeFile(at("images", name), i === 13 ? "no image" : bytes.subarray(0, 300));
    else await writeFile(at("images", name), bytes);
  }
  const report = await prepare("whole");
  expect(report).toMatchObject({ samples: COUNT - BAD.length, kept: 0 });
  expect(report.shards.length).toBeGreaterThan(3);
  whole = await contents("whole");
});

describe("prepareShards", () => {
  it("writes archives that tar reads: keys in order, nothing but the unreadable ones left out", async () => {
    const shards = (await readdir(at("whole"))).filter((name) => name.endsWith(".tar")).sort();
    const listed = shards.flatMap((name) =>
      execFileSync("tar", ["--quoting-style=literal", "-tf", at("whole", name)], { encoding: "utf8" })
        .trim()
        .split("\n"),
    );
    const expected = names.filter((_, i) => !BAD.includes(i)).map((name) => name.replace(/\.\w+$/, ".jpg"));
    expect(listed).toEqual(expected);
    for (const name of shards) expect((await stat(at("whole", name))).size).toBeLessThanOrEqual(12_000);
    execFileSync("tar", ["-xf", at("whole", shards[0]!), "-C", root]);
    expect(await sharp(at("0.jpg")).metadata()).toMatchObject({ width: 32, height: 40 });
  });

  it("lists the unreadable images with their reasons", async () => {
    const lines = (await readFile(at("whole", "p.unreadable.csv"), "utf8")).trim().split("\n");
    expect(lines).toHaveLength(1 + BAD.length);
    expect(lines[1]).toMatch(/^sub\/5\.jpg,.*expected an image/);
  });

  it("writes the same bytes on two threads", async () => {
    await prepare("threads", { workers: 2 });
    expect(await contents("threads")).toEqual(whole);
  });

  it.each([1, 6, 7, 10, 17, 23])("stopped after %d images, it continues to the same bytes", async (count) => {
    const folder = `stopped-${count}`;
    await expect(prepare(folder, stopAfter(count))).rejects.toThrow("stopped by the test");
    const report = await prepare(folder);
    // Nothing is done twice, except an unreadable image that no sample follows.
    expect(report.kept).toBeGreaterThanOrEqual(count - 2);
    expect(await contents(folder)).toEqual(whole);
  });

  it.each([0, 511, 512, 700, 3000])(
    "killed with %d bytes of a shard written, it continues to the same bytes",
    async (bytes) => {
      const folder = `killed-${bytes}`;
      await expect(prepare(folder, stopAfter(19))).rejects.toThrow();
      const part = (await readdir(at(folder))).find((name) => name.endsWith(".part"))!;
      await truncate(at(folder, part), bytes);
      await writeFile(at(folder, "p.prepare.jsonl"), '{"unreadable": {"posi', { flag: "a" }); // a torn note
      await prepare(folder);
      expect(await contents(folder)).toEqual(whole);
    },
  );

  it("does a shard again that was damaged since", async () => {
    await prepare("damaged");
    await truncate(at("damaged", "p-000001.tar"), 2000);
    await prepare("damaged");
    expect(await contents("damaged")).toEqual(whole);
  });

  it.each([0, 5000, 15_000])(
    "says that the disk is full after %d bytes, leaves no half shard, and continues",
    async (room) => {
      const folder = `full-${room}`;
      await expect(prepare(folder, { files: smallDisk(room) })).rejects.toThrow(
        /cannot write .*the disk is full \(ENOSPC\).*is kept/,
      );
      for (const name of (await readdir(at(folder))).filter((file) => file.endsWith(".tar")))
        execFileSync("tar", ["-tf", at(folder, name)]);
      await prepare(folder);
      expect(await contents(folder)).toEqual(whole);
    },
  );

  it("says that the disk is full when only the notes find no room", async () => {
    let calls = 0;
    const appendFile = (async (...args: Parameters<typeof nodeFiles.appendFile>) => {
      if (++calls === 2) throw Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" });
      return nodeFiles.appendFile(...args);
    }) as typeof nodeFiles.appendFile;
    await expect(prepare("notes", { files: { ...nodeFiles, appendFile } })).rejects.toThrow(
      /prepareShards: cannot write .*the disk is full/,
    );
    await prepare("notes");
    expect(await contents("notes")).toEqual(whole);
  });

  it.each(["p.prepare.jsonl", "p.unreadable.csv"])(
    "a full disk while it writes %s: the list of before stays, no other file is left, and it continues",
    async (name) => {
      await prepare("lists", stopAfter(9)).catch(() => {});
      const before = await readFile(at("lists", name), "utf8").catch(() => "none");
      const open = (async (path: string, flags: string) => {
        const file = await nodeFiles.open(path, flags);
        if (path.includes(`${name}.`))
          file.writeFile = () =>
            Promise.reject(Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" }));
        return file;
      }) as typeof nodeFiles.open;
      await expect(prepare("lists", { files: { ...nodeFiles, open } })).rejects.toThrow(
        new RegExp(`cannot write .*${name}: the disk is full \\(ENOSPC\\)\\. Free some space on it`),
      );
      expect(await readFile(at("lists", name), "utf8").catch(() => "none")).toBe(before);
      expect((await readdir(at("lists"))).filter((left) => left.endsWith(".tmp"))).toEqual([]);
      await prepare("lists");
      expect(await contents("lists")).toEqual(whole);
    },
  );

  it("finishes at once when everything is there", async () => {
    const seen: number[] = [];
    const report = await prepare("whole", { onProgress: ({ done }) => seen.push(done) });
    expect(report).toMatchObject({ kept: COUNT, samples: COUNT - BAD.length });
    expect(report.unreadable).toHaveLength(BAD.length);
    expect(seen).toEqual([]);
  });

  it("puts JSON next to each image, and continues with it", async () => {
    const json = (position: number) => ({ position, positives: ["/m/0"] });
    await prepare("json-whole", { json });
    await expect(prepare("json", { ...stopAfter(9), json })).rejects.toThrow();
    await prepare("json", { json });
    expect(await contents("json")).toEqual(await contents("json-whole"));
    execFileSync("tar", ["-xf", at("json", "p-000000.tar"), "-C", root, "sub/1.json"]);
    expect(JSON.parse(await readFile(at("sub/1.json"), "utf8"))).toEqual(json(1));
  });

  it("refuses to continue with other options, unless it may begin again", async () => {
    await prepare("other");
    await expect(prepare("other", { shortEdge: 16 })).rejects.toThrow(/with shortEdge 32, got 16/);
    await expect(
      prepare("other", { key: (name) => `x${name.length}-${parseInt(name.replace(/\D/g, ""), 10)}` }),
    ).rejects.toThrow(/with names/);
    const { shards } = await prepare("other", { shortEdge: 16, resume: false });
    const tars = (await readdir(at("other"))).filter((name) => name.endsWith(".tar"));
    expect(tars.sort()).toEqual(shards.map(({ name }) => name));
  });

  it("never replaces the shards that its images come from, not even when it may begin again", async () => {
    await prepare("input");
    const before = await contents("input");
    const images = await openShards(at("input", "p-{000000..000001}.tar"));
    const into = (folder: string, more: PrepareOptions) =>
      prepareShards(images, folder, { ...options, ...more });
    for (const resume of [true, false])
      await expect(into(`${root}/./input`, { resume })).rejects.toMatchObject({ code: "already-exists" });
    expect(await contents("input")).toMatchObject(before); // and the indexes of the opened ones
    await into(at("input"), { prefix: "smaller", shortEdge: 16 });
    expect(await contents("input")).toMatchObject(before);
  });

  describe.each([true, false])("with resume: %s", (resume) => {
    it.each([
      ["shards without notes", "p-000000.tar", false],
      ["shards beside those that the notes name", "p-000099.tar", true],
      ["an unfinished shard", "p-000099.tar.part", true],
      ["a table", "p.unreadable.csv", false],
      ["other notes", "p.prepare.jsonl", false],
    ])("never replaces or deletes a person's file: %s", async (what, name, afterRun) => {
      const folder = `${what} ${resume}`;
      await mkdir(at(folder));
      if (afterRun) await prepare(folder, stopAfter(9)).catch(() => {});
      await writeFile(at(folder, name), "mine");
      const before = await contents(folder);
      await expect(prepare(folder, { resume })).rejects.toMatchObject({
        code: "already-exists",
        message: expect.stringContaining(name),
      });
      expect(await contents(folder)).toEqual(before);
      expect(await readFile(at(folder, name), "utf8")).toBe("mine");
    });
  });

  it("killed before a finished shard is in the notes, it continues to the same bytes", async () => {
    await prepare("unnoted");
    const notes = (await readFile(at("unnoted", "p.prepare.jsonl"), "utf8")).split("\n");
    const second = notes.findIndex((line) => line.includes("p-000001.tar"));
    await writeFile(at("unnoted", "p.prepare.jsonl"), `${notes.slice(0, second).join("\n")}\n`);
    for (const name of await readdir(at("unnoted")))
      if (/p-00000[2-9]\.tar/.test(name)) await rm(at("unnoted", name));
    await prepare("unnoted");
    expect(await contents("unnoted")).toEqual(whole);
  });

  it("keeps a second run out, and takes over from one that was killed", async () => {
    const running = prepare("two");
    await expect(prepare("two")).rejects.toThrow(
      /prepareShards: expected to be the only run here, got process \d+ on .* at work/,
    );
    await running;
    const gone = spawnSync("true").pid;
    await writeFile(at("two", "p.lock"), JSON.stringify({ pid: gone, host: hostname() }));
    await prepare("two");
    expect(await contents("two")).toEqual(whole);
  });

  it("refuses two images of one key, no images, and no readable image", async () => {
    const twice = folderImages(at("images"), ["0.png", "0.jpg"]);
    await expect(prepareShards(twice, at("twice"), options)).rejects.toThrow(/several for 0\./);
    await expect(prepareShards([], at("none"), options)).rejects.toThrow(/at least one image/);
    await expect(prepareShards([at("absent.jpg")], at("absent"), options)).rejects.toThrow(
      /none of 1 could be read; the first: absent\.jpg/,
    );
    const nameless = folderImages(at("images"), ["0.png", "sub/.jpg"]);
    await expect(prepareShards(nameless, at("nameless"), options)).rejects.toThrow(/got "sub\/" for image 1/);
    await expect(prepareShards([at("a.jpg")], at("x"), { quality: 0 })).rejects.toThrow(
      /quality of 1 to 100/,
    );
  });
});
