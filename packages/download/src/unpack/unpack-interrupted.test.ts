import * as nodeFiles from "node:fs/promises";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipOf } from "@csl/test-support";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTarGz } from "../../test/make-tar-gz.js";
import type { FetchFiles } from "../files.js";
import { type UnpackOptions, unpackArchive } from "./unpack-archive.js";

let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-unpack-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder, { recursive: true });
});

const files = Array.from({ length: 20 }, (_, i) => [`train/${i}.jpg`, `${i} `.repeat(40_000)] as const);
const at = (...parts: string[]): string => join(folder, ...parts);
const unpack = (name: string, options: UnpackOptions = {}) => unpackArchive(at(name), folder, options);

/** A file system that counts what is written, and may fail. */
function watched(onWrite: (length: number) => void): { files: FetchFiles; opened: () => number } {
  let opened = 0;
  const open = (async (path: string, flags: string) => {
    opened++;
    const file = await nodeFiles.open(path, flags);
    const write = file.write.bind(file) as typeof file.write;
    file.write = (async (chunk: Uint8Array, from: number, length: number, position: number) => {
      onWrite(length);
      return write(chunk, from, length, position);
    }) as typeof file.write;
    return file;
  }) as FetchFiles["open"];
  return { files: { ...nodeFiles, open }, opened: () => opened };
}

async function expectAll(name: string): Promise<void> {
  expect((await readdir(folder)).sort()).toEqual([`${name}.unpacked.json`, "train"]);
  expect((await readdir(at("train"))).length).toBe(files.length);
  for (const [path, text] of files) expect((await readFile(at(path), "utf8")) === text, path).toBe(true);
}

describe.each([
  ["a.zip", async () => zipOf(files)],
  ["a.tar.gz", () => makeTarGz(files)],
] as const)("unpackArchive(%s), interrupted", (name, of) => {
  it("aborted, it throws the reason, puts nothing into place, and writes nothing twice when it continues", async () => {
    await writeFile(at(name), await of());
    const controller = new AbortController();
    const onProgress = ({ files }: { files: number }): void => {
      if (files >= 7) controller.abort(new Error("Ctrl-C"));
    };
    await expect(unpack(name, { signal: controller.signal, onProgress, remove: true })).rejects.toThrow(
      "Ctrl-C",
    );
    expect((await readdir(folder)).sort()).toEqual([name, `${name}.unpacking`]);
    const there = (await readdir(at(`${name}.unpacking/files/train`))).length;
    expect(there).toBeGreaterThan(0);
    const disk = watched(() => {});
    expect(await unpack(name, { files: disk.files })).toMatchObject({ files: 20, already: false });
    expect(disk.opened()).toBe(files.length - there);
    await expectAll(name); // and the archive is gone, as the first call was told
  });

  it("without room on the disk it says so, and continues when there is some", async () => {
    await writeFile(at(name), await of());
    let room = 900_000;
    const disk = watched((length) => {
      room -= length;
      if (room < 0) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    });
    await expect(unpack(name, { files: disk.files, remove: true })).rejects.toThrow(
      /unpackArchive: cannot write .*the disk is full \(ENOSPC\).*the same call continues/,
    );
    expect((await readdir(folder)).sort()).toEqual([name, `${name}.unpacking`]);
    await unpack(name);
    await expectAll(name);
  });

  it("killed while it moved things into place, it continues with that", async () => {
    await writeFile(at(name), await of());
    await mkdir(at("train"));
    // A folder where a file is to be stops it before the move; one file moved is what a kill leaves.
    await mkdir(at("train/19.jpg"));
    await expect(unpack(name, { remove: true })).rejects.toThrow(/19\.jpg to be a file/);
    expect(await readdir(at("train"))).toEqual(["19.jpg"]); // looked at before anything is moved
    await rm(at("train/19.jpg"), { recursive: true });
    await rename(at(`${name}.unpacking/files/train/3.jpg`), at("train/3.jpg"));
    const disk = watched(() => {});
    await unpack(name, { files: disk.files });
    expect(disk.opened()).toBe(0);
    await expectAll(name);
  });

  it("another archive of the name does not continue with what the first one left", async () => {
    await writeFile(at(name), await of());
    const controller = new AbortController();
    await unpack(name, {
      signal: controller.signal,
      onProgress: ({ files }) => files >= 3 && controller.abort(new Error("stop")),
    }).catch(() => {});
    await writeFile(at("new"), await of());
    await nodeFiles.utimes(at("new"), 1, 1);
    await rename(at("new"), at(name));
    const disk = watched(() => {});
    await unpack(name, { files: disk.files, remove: true });
    expect(disk.opened()).toBe(files.length);
    await expectAll(name);
    expect((await stat(at("train"))).isDirectory()).toBe(true);
  });
});
