import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../decode/decode-image.js";
import { resize } from "../resize/resize.js";
import type { ImageBatch } from "./batch-slots.js";
import { imageBatches } from "./image-batches.js";
import { createImageLoader } from "./image-loader.js";

const folder = resolve(import.meta.dirname, "../../fixtures");
const file = (name: string): string => join(folder, name);
const good = [
  "420.jpg",
  "422.jpg",
  "444.jpg",
  "grey.jpg",
  "cmyk.jpg",
  "rgb.png",
  "rgba.png",
  "palette.png",
  "photo.webp",
  "odd.png",
  "square.png",
].map(file);
const bad = ["text.jpg", "empty.jpg", "truncated.jpg", "missing.jpg"].map(file);
/** Bad images between good ones: at 0, 3, 6 and at the end. */
const mixed = [
  bad[0]!,
  ...good.slice(0, 2),
  bad[1]!,
  ...good.slice(2, 4),
  bad[2]!,
  ...good.slice(4),
  bad[3]!,
];

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const positions = (batches: ImageBatch[]): number[][] => batches.map(({ indices }) => Array.from(indices));

describe("imageBatches", () => {
  it("yields decoded, resized images in order, NHWC", async () => {
    const batches = await collect(imageBatches(good, { size: 20, batchSize: 4, workers: 0 }));
    expect(positions(batches)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10],
    ]);
    expect(batches.map(({ size, height, width }) => [size, height, width])).toEqual([
      [4, 20, 20],
      [4, 20, 20],
      [3, 20, 20],
    ]);
    const last = resize(await decodeImage(good[10]!), { width: 20, height: 20 });
    expect(batches[2]!.images.length).toBe(3 * 20 * 20 * 3);
    expect(batches[2]!.images.slice(2 * 1200)).toEqual(last.data);
  });

  it("divides by 255 for float32", async () => {
    const options = { size: 9, batchSize: 11, workers: 0 };
    const [bytes] = await collect(imageBatches(good, options));
    const [floats] = await collect(imageBatches(good, { ...options, dtype: "float32" }));
    expect(floats!.images).toEqual(Float32Array.from(bytes!.images, (value) => value / 255));
  });

  it("drops a last batch that is not full when asked", async () => {
    const batches = await collect(imageBatches(good, { size: 8, batchSize: 4, dropLast: true, workers: 0 }));
    expect(batches.map(({ size }) => size)).toEqual([4, 4]);
  });

  it("visits only the given positions", async () => {
    const batches = await collect(imageBatches(good, { size: 8, batchSize: 2, only: [9, 1, 4], workers: 0 }));
    expect(positions(batches)).toEqual([[9, 1], [4]]);
  });

  it.each([
    ["size", { size: 0, batchSize: 1 }],
    ["batchSize", { size: 8, batchSize: 1.5 }],
    ["workers", { size: 8, batchSize: 1, workers: -1 }],
    ["prefetch", { size: 8, batchSize: 1, prefetch: 0 }],
    ["seed", { size: 8, batchSize: 1, seed: Number.NaN }],
    ["filter", { size: 8, batchSize: 1, filter: "lanczos" as never }],
    ["augment", { size: 8, batchSize: 1, augment: "toString" as never }],
    ["timeout", { size: 8, batchSize: 1, timeout: -1 }],
    ["dropLast", { size: 8, batchSize: 12, dropLast: true }],
    ["dropLast", { size: 8, batchSize: 6, dropLast: true, ranks: 2 }],
    ["only", { size: 8, batchSize: 1, only: [0, 11] }],
    ["only", { size: 8, batchSize: 1, only: [] }],
  ])("refuses a wrong %s", (option, options) => {
    expect(() => imageBatches(good, options)).toThrow(`image loader: expected ${option} to `);
  });

  it("says what to do about a batch that no memory can hold", async () => {
    const batches = imageBatches(good, { size: 300_000, batchSize: 11, workers: 0 });
    await expect(batches.next()).rejects.toThrow(
      /memory for a batch of 2970\.0 GB, got none\. Lower batchSize/,
    );
  });

  it("refuses an empty list of paths", () => {
    expect(() => imageBatches([], { size: 8, batchSize: 1 })).toThrow("at least one image");
  });
});

describe("determinism", () => {
  const options = { size: 32, batchSize: 3, shuffle: true, augment: "reference", seed: 5 } as const;

  it("gives the same batches with 0, 1 and 2 workers, whatever the timing", async () => {
    const runs = [];
    for (const workers of [0, 1, 2]) {
      const loader = createImageLoader(mixed, { ...options, workers });
      runs.push([
        await collect(loader.epoch(3)),
        await collect(loader.epoch(4)),
        loader.unreadable.map(({ path }) => path),
      ]);
      await loader.close();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it("orders and augments again with another epoch or another seed, over the same images", async () => {
    const epoch = async (seed: number, number: number): Promise<ImageBatch[]> =>
      collect(imageBatches(good, { ...options, seed, epoch: number, workers: 0 }));
    const [first, again, later, other] = [
      await epoch(5, 0),
      await epoch(5, 0),
      await epoch(5, 1),
      await epoch(6, 0),
    ];
    expect(again).toEqual(first);
    const flat = (batches: ImageBatch[]): number[] => positions(batches).flat();
    expect(flat(later)).not.toEqual(flat(first));
    expect(flat(other)).not.toEqual(flat(first));
    for (const run of [first, later, other]) {
      expect(flat(run).toSorted((a, b) => a - b)).toEqual(good.map((_, i) => i));
    }
    const imageOf = (batches: ImageBatch[], index: number): number[] => {
      const at = flat(batches).indexOf(index);
      return Array.from(batches[Math.floor(at / 3)]!.images.slice((at % 3) * 3072, ((at % 3) + 1) * 3072));
    };
    expect(imageOf(later, 10)).not.toEqual(imageOf(first, 10));
  });

  it("gives the same from the memory cache, and reads no file again", async () => {
    for (const augment of ["none", "reference"] as const) {
      const plain = createImageLoader(mixed, { ...options, augment, workers: 0 });
      const cached = createImageLoader([...mixed], { ...options, augment, workers: 1, cache: "memory" });
      for (const epoch of [0, 1, 2]) {
        expect(await collect(cached.epoch(epoch))).toEqual(await collect(plain.epoch(epoch)));
      }
      await cached.close();
    }
  });
});

describe("unreadable images", () => {
  it("are listed with path and reason, once, and make their batch smaller and change no other", async () => {
    const loader = createImageLoader(mixed, { size: 8, batchSize: 4, workers: 1 });
    expect(loader.batches).toBe(4);
    for (const epoch of [0, 1]) {
      const batches = await collect(loader.epoch(epoch));
      expect(positions(batches)).toEqual([
        [1, 2],
        [4, 5, 7],
        [8, 9, 10, 11],
        [12, 13],
      ]);
      expect(batches.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
      // A gap is closed: the image behind it is where its index says.
      const last = resize(await decodeImage(mixed[7]!), { width: 8, height: 8 });
      expect(batches[1]!.images.slice(2 * 192)).toEqual(last.data);
    }
    expect(loader.unreadable.map(({ path }) => path)).toEqual(bad);
    const [text, empty, truncated, missing] = loader.unreadable.map(({ reason }) => reason);
    expect(text).toContain("not an image format that is read");
    expect(empty).toMatch(/empty|not an image format/i);
    expect(truncated).toMatch(/premature end|damaged or cut short/i);
    expect(missing).toMatch(/missing/i);
    expect(loader.stats).toMatchObject({ batches: 8, images: 22, unreadable: 4, incidents: [] });
    await loader.close();
  });

  it("are replaced by the image a batch further on, or the next readable one, where asked for", async () => {
    const batches = await collect(
      imageBatches(mixed, { size: 8, batchSize: 3, workers: 0, onUnreadable: "replace" }),
    );
    // Bad: 0, 3, 6 and 14. For 0 come 3 (bad) and 4; for 3: 6 (bad), 7; for 6: 9; for 14: 17 - 15 = 2.
    expect(positions(batches)).toEqual([
      [4, 1, 2],
      [7, 4, 5],
      [9, 7, 8],
      [9, 10, 11],
      [12, 13, 2],
    ]);
  });

  it("are listed by the one-shot generator too", async () => {
    const batches = imageBatches(mixed, { size: 8, batchSize: 4, workers: 0 });
    await collect(batches);
    expect(batches.unreadable.length).toBe(4);
  });

  it("end the epoch when told to fail, naming the file", async () => {
    const batches = imageBatches(mixed, { size: 8, batchSize: 4, workers: 0, onUnreadable: "fail" });
    await expect(collect(batches)).rejects.toThrow(/expected every image to be readable, got .*text\.jpg/);
  });

  it("are an error when there is nothing else", async () => {
    const batches = imageBatches(bad, { size: 8, batchSize: 4, workers: 0 });
    await expect(collect(batches)).rejects.toThrow(
      /at least one readable image, got 4 in a row that are not/,
    );
  });
});

describe.each([0, 1])("ending early with %d workers", (workers) => {
  const many = Array.from({ length: 60 }, (_, i) => good[i % good.length]!);

  it("stops on the signal with its reason, and the loader stays usable", async () => {
    const stop = new AbortController();
    const loader = createImageLoader(many, { size: 16, batchSize: 4, workers, signal: stop.signal });
    const seen: ImageBatch[] = [];
    const run = (async () => {
      for await (const batch of loader.epoch()) {
        seen.push(batch);
        stop.abort(new Error("that is enough"));
      }
    })();
    await expect(run).rejects.toThrow("that is enough");
    expect(seen.length).toBe(1);
    await loader.close();
  });

  it("can be left with break and begun again", async () => {
    const loader = createImageLoader(many, { size: 16, batchSize: 4, workers });
    for await (const batch of loader.epoch()) {
      expect(batch.size).toBe(4);
      break;
    }
    expect((await collect(loader.epoch())).length).toBe(15);
    await loader.close();
  });

  it("close() ends a running epoch and refuses another", async () => {
    const loader = createImageLoader(many, { size: 16, batchSize: 4, workers });
    const epoch = loader.epoch();
    await epoch.next();
    await loader.close();
    await expect(collect(epoch)).rejects.toThrow("closed");
    await expect(loader.epoch().next()).rejects.toThrow("Create another");
  });
});
