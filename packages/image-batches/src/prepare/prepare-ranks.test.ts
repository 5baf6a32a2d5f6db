import { createHash } from "node:crypto";
import * as nodeFiles from "node:fs/promises";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { ranksInProcess } from "@csl/test-support/ranks-in-process";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { folderImages } from "../sources/image-list.js";
import type { PrepareOptions, PrepareReport } from "./prepare-options.js";
import { prepareShards } from "./prepare-shards.js";

const COUNT = 21;
const BAD = [4, 5, 20];
const { at } = temporaryFolder();
const names = Array.from({ length: COUNT }, (_, i) => `${i}.jpg`);
let alone: Record<string, string>;

const prepare = (folder: string, more: PrepareOptions = {}, images = names): Promise<PrepareReport> =>
  prepareShards(folderImages(at("images"), images), at(folder), {
    ...{ shortEdge: 32, workers: 0, maxBytes: 9000, prefix: "p", json: (i) => ({ i }) },
    ...more,
  });

/** The outcome of each of `size` ranks. */
const together = (
  size: number,
  folder: string,
  more: (rank: number) => PrepareOptions = () => ({}),
  images: (rank: number) => string[] = () => names,
): Promise<PromiseSettledResult<PrepareReport>[]> =>
  Promise.allSettled(
    ranksInProcess(size).map((ranks, rank) => prepare(folder, { ranks, ...more(rank) }, images(rank))),
  );

/** Hashes of all files in a folder, the notes included. */
async function contents(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of (await readdir(at(folder))).sort())
    hashes[name] = createHash("sha256")
      .update(await readFile(at(folder, name)))
      .digest("hex");
  return hashes;
}

beforeAll(async () => {
  await mkdir(at("images"));
  for (const [i, name] of names.entries()) {
    const data = Uint8Array.from({ length: (40 + i) * 50 * 3 }, (_, k) => (k * (i + 3)) % 251);
    const bytes = await sharp(data, { raw: { width: 40 + i, height: 50, channels: 3 } })
      .jpeg()
      .toBuffer();
    await writeFile(at("images", name), BAD.includes(i) ? "no image" : bytes);
  }
  expect((await prepare("alone")).shards.length).toBeGreaterThan(2);
  alone = await contents("alone");
});

describe("prepareShards on several ranks", () => {
  it.each([2, 3, 4, 30])("%d of them leave the bytes of one process, and return its report", async (size) => {
    const outcomes = await together(size, `ranks-${size}`);
    expect(await contents(`ranks-${size}`)).toEqual(alone);
    const report = await prepare("alone");
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "fulfilled", value: { ...report, kept: 0 } });
  });

  it.each([
    [2, 3],
    [3, 1],
    [1, 2],
  ])("stopped with %d, and continued by %d, they end with the same bytes", async (before, after) => {
    const folder = `stopped-${before}`;
    const stops = Array.from({ length: before }, () => new AbortController());
    const outcomes = await together(before, folder, (rank) => ({
      signal: stops[rank]!.signal,
      // As launchers do it, but the last rank hears nothing of it.
      onProgress: ({ done }) =>
        done === 9 && stops.slice(0, Math.max(1, before - 1)).map((one) => one.abort()),
    }));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "AbortError" } });
    for (const outcome of await together(after, folder))
      expect(outcome).toMatchObject({ value: { kept: expect.toSatisfy((kept: number) => kept >= 7) } });
    expect(Object.fromEntries(Object.entries(await contents(folder)).filter(isData))).toEqual(
      Object.fromEntries(Object.entries(alone).filter(isData)),
    );
  });

  it("a full disk at rank 0 ends all, and the next run continues", async () => {
    let writes = 0;
    const files = {
      ...nodeFiles,
      open: (async (path: string, flags: string) => {
        if (path.endsWith(".part") && ++writes > 2)
          throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        return nodeFiles.open(path, flags);
      }) as typeof nodeFiles.open,
    };
    expect(await together(3, "full", () => ({ files }))).toMatchObject([
      { reason: { code: "cannot-write" } },
      { reason: { code: "failed", message: expect.stringMatching(/another process could not go on/) } },
      { reason: { code: "failed" } },
    ]);
    await together(2, "full");
    expect(Object.entries(await contents("full")).filter(isData)).toEqual(
      Object.entries(alone).filter(isData),
    );
  });

  it("an error of one rank ends all, in whichever part of the work it comes", async () => {
    const broken = (where: number) => (rank: number) =>
      rank === 1
        ? {
            rotation: (position: number) => {
              if (position >= where && ++calls > COUNT) throw new Error("out of memory");
              return 0 as const;
            },
          }
        : {};
    let calls = 0;
    const reason = (code: string) => ({ reason: { code } });
    expect(await together(2, "thrown", broken(0))).toMatchObject([
      { reason: { code: "failed", message: expect.stringMatching(/rank 1 could not/) } },
      { reason: { message: "out of memory" } },
    ]);
    const invalid = await together(3, "thrown", (rank) => (rank === 2 ? { quality: 0 } : {}));
    expect(invalid).toMatchObject([reason("failed"), reason("failed"), reason("invalid-argument")]);
    await together(2, "thrown");
    expect((await contents("thrown"))["p-000000.tar"]).toBe(alone["p-000000.tar"]);
  });

  it("refuses ranks with other images or options before anything is written", async () => {
    const other = await together(2, "other", (rank) => ({ quality: 80 + rank }));
    expect(other).toMatchObject([
      { reason: { code: "mismatch", message: expect.stringMatching(/on rank 1 other quality/) } },
      { reason: { code: "failed" } },
    ]);
    const images = await together(
      2,
      "other",
      () => ({}),
      (rank) => names.slice(rank),
    );
    expect(images[0]).toMatchObject({ reason: { message: expect.stringMatching(/other images, names/) } });
    await expect(readdir(at("other"))).rejects.toThrow("ENOENT");
    await rm(at("other"), { recursive: true, force: true });
  });
});

/** Not the notes, which hold unreadable images in the order in which they were found. */
const isData = ([name]: [string, string]): boolean => !name.endsWith(".jsonl");
