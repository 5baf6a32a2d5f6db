import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShards, type ShardSet } from "../shards/open-shards.js";
import { createShardWriter } from "../shards/shard-writer.js";
import type { ImageBatch } from "./batch-slots.js";
import { createImageLoader } from "./image-loader.js";
import type { ImageLoaderOptions } from "./loader-options.js";

// Issue 4, must-show 5: the same seed gives byte-identical batches with any number of workers and after a mid-epoch
// resume; ranks see disjoint parts.

const fixtures = resolve(import.meta.dirname, "../../fixtures");
const files = [
  "420.jpg",
  "text.jpg",
  "grey.jpg",
  "profile.jpg",
  "progressive.jpg",
  "truncated.jpg",
  "444.jpg",
];
const COUNT = 43;
/** Samples 1, 5, 8, 12, … hold no image. */
const isBad = (i: number): boolean => i % 7 === 1 || i % 7 === 5;

let folder: string;
let images: ShardSet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "determinism-"));
  const writer = createShardWriter(folder, { maxSamples: 9 });
  for (let i = 0; i < COUNT; i++) {
    await writer.add(String(i), { jpg: await readFile(join(fixtures, files[i % files.length]!)) });
  }
  await writer.close();
  images = await openShards(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const base = { size: 24, batchSize: 5, shuffle: true, augment: "reference", seed: 11 } as const;

/** A batch with a hash of its pixels: a difference is as sure to be found, and quicker to be shown. */
type Seen = { number: number; indices: number[]; pixels: string };

async function run(options: Partial<ImageLoaderOptions> = {}, { epoch = 3, from = 0 } = {}): Promise<Seen[]> {
  const loader = createImageLoader(images, { ...base, workers: 0, ...options });
  const batches: Seen[] = [];
  for await (const batch of loader.epoch(epoch, { from })) batches.push(asSeen(batch));
  await loader.close();
  return batches;
}

function asSeen({ number, indices, images }: ImageBatch): Seen {
  return { number, indices: [...indices], pixels: createHash("sha256").update(images).digest("hex") };
}

const seen = (batches: Seen[]): number[] => batches.flatMap(({ indices }) => indices);

describe.each(["skip", "replace"] as const)("images of shards, onUnreadable %s", (onUnreadable) => {
  it("come byte for byte the same from 1, 2 and 4 threads as in-process", async () => {
    const expected = await run({ onUnreadable });
    expect(expected.length).toBe(9);
    for (const workers of [1, 2, 4]) expect(await run({ onUnreadable, workers })).toEqual(expected);
  });

  it("go on anywhere in an epoch, in a fresh loader that knows no unreadable image", async () => {
    const whole = await run({ onUnreadable });
    for (let from = 0; from <= 9; from++) {
      expect(await run({ onUnreadable, workers: from === 4 ? 2 : 0 }, { from })).toEqual(
        whole.filter(({ number }) => number >= from),
      );
    }
  });

  it.each([2, 3])(
    "are shared out to %d ranks: disjoint, in step, and what is left over differs by epoch",
    async (ranks) => {
      const each = Math.floor(COUNT / ranks);
      const perRank = await Promise.all(
        Array.from({ length: ranks }, (_, rank) => run({ onUnreadable, ranks, rank })),
      );
      const readable = (all: number[]): number[] => all.filter((i) => !isBad(i));
      for (const batches of perRank) {
        if (onUnreadable === "replace") {
          expect(batches.map(({ indices }) => indices.length)).toEqual(
            Array.from({ length: Math.ceil(each / 5) }, (_, i) => Math.min(5, each - 5 * i)),
          );
        }
      }
      const sets = perRank.map((batches) => new Set(seen(batches)));
      const union = new Set(sets.flatMap((set) => [...set]));
      expect(union.size).toBe(sets.reduce((sum, set) => sum + set.size, 0));
      const all = readable(Array.from({ length: COUNT }, (_, i) => i));
      expect(all.length - union.size).toBeLessThanOrEqual(COUNT % ranks);
      expect([...union].every((i) => !isBad(i))).toBe(true);
      // A rank resumes on its own.
      const resumed = await run({ onUnreadable, ranks, rank: 1 }, { from: 2 });
      expect(resumed).toEqual(perRank[1]!.slice(2));
    },
  );
});

it("comes the same when batches are lent, in the memory of few", async () => {
  const expected = await run();
  const loader = createImageLoader(images, { ...base, workers: 2, reuse: true });
  const memories = new Set<ArrayBufferLike>();
  for (const epoch of [3, 3]) {
    const batches: Seen[] = [];
    for await (const batch of loader.epoch(epoch)) {
      batches.push(asSeen(batch));
      memories.add(batch.images.buffer);
    }
    expect(batches).toEqual(expected);
    for await (const _ of loader.epoch(epoch)) break;
  }
  // Two ahead and one lent. An epoch that was left gives its memory back a little later: two more at most.
  expect(memories.size).toBeLessThanOrEqual(5);
  await loader.close();
});

it("refuses to continue past the end", async () => {
  const loader = createImageLoader(images, { ...base, workers: 0 });
  await expect(loader.epoch(0, { from: 10 }).next()).rejects.toThrow("expected from to be 0 … 9");
  expect((await loader.epoch(0, { from: 9 }).next()).done).toBe(true);
  await loader.close();
});
