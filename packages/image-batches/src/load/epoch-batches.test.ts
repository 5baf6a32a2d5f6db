import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { createImageLoader } from "./image-loader.js";
import type { ImageLoaderOptions } from "./loader-options.js";

const file = (name: string): string => resolve(import.meta.dirname, "../../fixtures", name);
const paths = Array.from({ length: 40 }, (_, i) => file(["420.jpg", "rgb.png", "grey.jpg"][i % 3]!));

describe("epochBatches", () => {
  it("prepares no more ahead than prefetchBytes allows, and one at least", async () => {
    const batchBytes = 2 * 8 * 8 * 3;
    const buffers = async (options: Partial<ImageLoaderOptions>): Promise<number> => {
      const loader = createImageLoader(paths, { size: 8, batchSize: 2, workers: 0, reuse: true, ...options });
      const seen = new Set<ArrayBufferLike>();
      for await (const { images } of loader.epoch()) seen.add(images.buffer);
      await loader.close();
      return seen.size;
    };
    // Those ahead, and the one that is lent.
    expect(await buffers({ prefetch: 6 })).toBe(7);
    expect(await buffers({ prefetch: 6, prefetchBytes: 3 * batchBytes + 1 })).toBe(4);
    expect(await buffers({ prefetch: 6, prefetchBytes: 0 })).toBe(2);
  });

  it("tells the time waited for batches from the time spent between them", async () => {
    // A clock that only the consumer moves: no time passes in waiting.
    let time = 0;
    const loader = createImageLoader(paths, { size: 8, batchSize: 8, workers: 0, now: () => time });
    for await (const _ of loader.epoch()) time += 1000;
    expect(loader.stats).toMatchObject({ batches: 5, images: 40, waitedMs: 0, busyMs: 5000 });
    // And one that goes on with every look: a look before a batch and one after it.
    let ticks = 0;
    const ticking = createImageLoader(paths, { size: 8, batchSize: 8, workers: 0, now: () => ticks++ * 500 });
    for await (const _ of ticking.epoch()) {
      // nothing to do
    }
    expect(ticking.waitedSeconds).toBe(2.5);
  });

  it.each(["skip", "replace"] as const)(
    "gives up when the disk is gone, told to %s",
    async (onUnreadable) => {
      const gone = {
        length: 5000,
        at: (i: number) => (i < 4 ? file("420.jpg") : `/nowhere/${i}`),
        nameAt: String,
      };
      const loader = createImageLoader(gone, { size: 8, batchSize: 4, workers: 0, onUnreadable });
      const run = async (): Promise<number> => {
        let batches = 0;
        for await (const _ of loader.epoch()) batches++;
        return batches;
      };
      await expect(run()).rejects.toThrow(/100\d in a row that are not|1000 that could replace/);
      expect(loader.stats.batches).toBe(1);
      await loader.close();
    },
  );

  it("counts no more unreadable images than there are, though it met them again as replacements", async () => {
    const gone = { length: 100, at: (i: number) => `/nowhere/${i}`, nameAt: String };
    const options = { size: 8, batchSize: 16, workers: 0, onUnreadable: "replace", shuffle: true } as const;
    const loader = createImageLoader(gone, options);
    await expect(loader.epoch().next()).rejects.toThrow(/got 100 in a row that are not/);
    await loader.close();
  });

  it("reads a list of nine million without an object for each", async () => {
    const list = { length: 9_000_000, at: () => paths[0]!, nameAt: String };
    const loader = createImageLoader(list, { size: 8, batchSize: 16, workers: 0 });
    for await (const { indices, number } of loader.epoch(0, { from: 562_499 })) {
      expect([number, indices[15]]).toEqual([562_499, 8_999_999]);
    }
    expect(loader.stats.batches).toBe(1);
    await loader.close();
  });
});
