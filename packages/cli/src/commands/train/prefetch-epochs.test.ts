import { createImageLoader } from "@csl/image-batches";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { prefetchEpochs } from "./prefetch-epochs.js";

/** Epochs of three batches; what is done is noted. */
function noted() {
  const notes: string[] = [];
  const open = async function* (epoch: number, from: number) {
    notes.push(`open ${epoch}`);
    try {
      for (let number = from; number < 3; number++) yield { number, epoch };
      notes.push(`end ${epoch}`);
    } finally {
      notes.push(`close ${epoch}`);
    }
  };
  return { notes, epochFrom: prefetchEpochs(open, { batches: 3, epochs: 2 }) };
}

describe("prefetchEpochs", () => {
  it("begins an epoch when the last batch of the one before is handed out, and none after the last", async () => {
    const { notes, epochFrom } = noted();
    const seen: unknown[] = [];
    for (const epoch of [0, 1])
      for await (const batch of epochFrom(epoch)) {
        seen.push(batch);
        notes.push(`use ${batch.number}`);
      }
    expect(notes).toEqual([
      ...["open 0", "use 0", "use 1", "open 1", "use 2", "end 0", "close 0"],
      ...["use 0", "use 1", "use 2", "end 1", "close 1"],
    ]);
    expect(seen).toEqual([0, 1].flatMap((epoch) => [0, 1, 2].map((number) => ({ number, epoch }))));
  });

  it("drops what it began when another place is asked for, and closes an epoch that is left", async () => {
    const { notes, epochFrom } = noted();
    for await (const _ of epochFrom(0));
    for await (const { number } of epochFrom(1, 1)) {
      expect(number).toBe(1);
      break;
    }
    expect(notes).toEqual(["open 0", "open 1", "end 0", "close 0", "open 1", "close 1", "close 1"]);
  });

  it("an error in what was begun early comes out when its epoch is asked for", async () => {
    const open = async function* (epoch: number) {
      if (epoch === 1) throw new Error("gone");
      yield { number: 0 };
    };
    const epochFrom = prefetchEpochs(open, { batches: 1, epochs: 2 });
    for await (const _ of epochFrom(0));
    await expect(epochFrom(1).next()).rejects.toThrow("gone");
  });
});

describe("with a loader that lends its memory", () => {
  const { at, file } = temporaryFolder();
  let paths: string[];
  beforeAll(async () => {
    paths = Array.from({ length: 10 }, (_, i) => at(`${i}.png`));
    for (const [i, path] of paths.entries()) {
      const data = Uint8Array.from({ length: 16 * 16 * 3 }, (_, k) => (k * (i + 3)) % 251);
      await sharp(data, { raw: { width: 16, height: 16, channels: 3 } }).toFile(path);
    }
    file("4.png", "no image");
  });

  it.each([0, 1])("no byte of a batch differs, with %d workers", async (workers) => {
    const epochs = async (early: boolean) => {
      const loader = createImageLoader(paths, {
        ...{ size: 16, batchSize: 3, seed: 5, shuffle: true, augment: "reference", dropLast: true },
        ...{ workers, reuse: true, onUnreadable: "replace" },
      });
      const open = (epoch: number, from = 0) => loader.epoch(epoch, { from });
      const epochFrom = early ? prefetchEpochs(open, { batches: loader.batches, epochs: 3 }) : open;
      const seen: unknown[] = [];
      for (const epoch of [0, 1, 2])
        for await (const { images, indices, number } of epochFrom(epoch)) {
          await new Promise((resolve) => setTimeout(resolve, 5)); // the next one is made meanwhile
          seen.push([epoch, number, [...indices], Buffer.from(images).toString("base64")]);
        }
      const unreadable = [...loader.unreadable];
      await loader.close();
      return { seen, unreadable };
    };
    const plain = await epochs(false);
    expect(plain.seen).toHaveLength(9);
    expect(await epochs(true)).toEqual(plain);
  });
});
