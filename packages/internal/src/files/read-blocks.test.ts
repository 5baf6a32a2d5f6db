import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { mulberry32 } from "../random/mulberry32.js";
import { type ReadBlocksOptions, readBlocks } from "./read-blocks.js";

const { folder, file } = temporaryFolder();
const random = mulberry32(1);
const bytes = Buffer.from(Uint8Array.from({ length: 100_003 }, () => random() * 256));

async function all(path: string, options?: ReadBlocksOptions): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const block of readBlocks(path, options)) copies.push(Buffer.from(block));
  return Buffer.concat(copies);
}

test.each([1000, 4096, 100_003, 1 << 20])(
  "blocks of %d bytes put together are the file",
  async (blockSize) => {
    const seen: [number, number][] = [];
    const path = file("plain", bytes);
    expect(await all(path, { blockSize, onProgress: (read, total) => seen.push([read, total]) })).toEqual(
      bytes,
    );
    expect(seen.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(seen).toHaveLength(Math.ceil(bytes.length / blockSize));
  },
);

test("gzip is unpacked, also in several members and under any name; progress counts packed bytes", async () => {
  const packed = Buffer.concat([gzipSync(bytes.subarray(0, 60_000)), gzipSync(bytes.subarray(60_000))]);
  let last = [0, 0];
  const path = file("labels.csv", packed);
  const options = { blockSize: 1 << 14, onProgress: (...progress: [number, number]) => (last = progress) };
  expect(await all(path, options)).toEqual(bytes);
  expect(last).toEqual([packed.length, packed.length]);
});

test("a gzip file cut off or damaged is an error that says so", async () => {
  const packed = gzipSync(bytes);
  const cut = file("cut.gz", packed.subarray(0, 50_000));
  await expect(all(cut)).rejects.toThrow(
    /^expected a whole gzip file, got .*\(Z_BUF_ERROR\).*cut off or damaged/,
  );
  const changed = Buffer.from(packed);
  changed[50_000]! ^= 1;
  await expect(all(file("changed.gz", changed))).rejects.toThrow("expected a whole gzip file");
});

test("an empty file gives nothing, a missing one is an error", async () => {
  expect(await all(file("empty", ""))).toHaveLength(0);
  expect(await all(file("one", "a"))).toHaveLength(1);
  await expect(all(join(folder, "none"))).rejects.toMatchObject({ code: "not-found" });
});

test.each(["plain", "packed"])("a signal stops the reading of a %s file", async (kind) => {
  const path = file("stop", kind === "plain" ? bytes : gzipSync(bytes));
  const stop = new AbortController();
  let blocks = 0;
  const reading = (async () => {
    for await (const _ of readBlocks(path, { blockSize: 1 << 12, signal: stop.signal })) {
      if (++blocks === 2) stop.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toThrow("enough");
  expect(blocks).toBeLessThan(5);
});

test("a caller that stops early leaves nothing open", async () => {
  const path = file("early", bytes);
  for await (const block of readBlocks(path, { blockSize: 1000 })) {
    expect(block).toHaveLength(1000);
    break;
  }
  expect(await all(path)).toEqual(bytes);
});
