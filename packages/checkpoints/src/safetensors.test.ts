import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, test } from "vitest";
import { loadCheckpoint } from "./checkpoint.js";
import { readSafetensors, readTensors, writeSafetensors } from "./safetensors.js";
import { parseSafetensors, type SafeTensor } from "./safetensors-bytes.js";
import { openFileBytes, readBytes } from "./torch/file-bytes.js";

const { at, file } = temporaryFolder();

async function written(
  tensors: Record<string, SafeTensor>,
  metadata?: Record<string, string>,
): Promise<Buffer> {
  const path = at("written.safetensors");
  await writeSafetensors(path, new Map(Object.entries(tensors)), metadata);
  return readFileSync(path);
}

test("reads every dtype of a file that Python's safetensors wrote", async () => {
  // tooling/reference/safetensors_sample.py; every value is exact in half precision
  const { tensors, metadata } = await readSafetensors(
    join(import.meta.dirname, "../fixtures/sample.safetensors"),
  );
  const values = [0.5, -1.25, 65504, 2 ** -14, 2 ** -24, 0];
  for (const name of ["single", "double", "half"]) {
    expect(tensors.get(name)!.shape).toEqual([2, 3]);
    expect([...tensors.get(name)!.data]).toEqual(values);
  }
  const [one, minus, large] = tensors.get("brain")!.data;
  expect([one, minus]).toEqual([1, -2.5]);
  expect(Math.abs(large! / 3e38 - 1)).toBeLessThan(2 ** -8); // eight significant bits
  expect(tensors.get("counter")).toEqual({ shape: [], data: Float32Array.of(12345678901) });
  expect(metadata).toEqual({ format: "pt", note: "ü" });
});

test("writes the documented bytes: length, padded header, little-endian numbers", async () => {
  const bytes = await written({
    w: { shape: [2], data: Float32Array.of(1, -2) },
    n: { shape: [], data: Float32Array.of(7), dtype: "I64" },
  });
  const length = Number(bytes.readBigUInt64LE());
  expect(length % 8).toBe(0);
  expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
    __metadata__: {},
    w: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    n: { dtype: "I64", shape: [], data_offsets: [8, 16] },
  });
  expect(bytes.readFloatLE(8 + length + 4)).toBe(-2);
  expect(bytes.readBigInt64LE(8 + length + 8)).toBe(7n);
  expect(bytes.length).toBe(8 + length + 16);
});

test("what is written comes back, empty tensors and odd names included", async () => {
  const tensors = {
    "body.conv1.0.weight": { shape: [2, 1, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
    'a "b" é': { shape: [0, 4], data: new Float32Array(0) },
  };
  const back = parseSafetensors(await written(tensors, { classes: '["é"]' }));
  expect(Object.fromEntries(back.tensors)).toEqual(tensors);
  expect(back.metadata).toEqual({ classes: '["é"]' });
});

test("a file cut off anywhere is refused, and so is another format", async () => {
  const bytes = await written({ w: { shape: [2], data: Float32Array.of(1, -2) } });
  for (let length = 0; length < bytes.length; length++)
    expect(() => parseSafetensors(bytes.subarray(0, length))).toThrow("parseSafetensors: expected");
  expect(() => parseSafetensors(Buffer.from("PK\u0003\u0004 a PyTorch zip file"))).toThrow("something else");
});

test("a header that says something else than dtype, shape and offsets is refused", async () => {
  const withHeader = (json: string): Buffer => {
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([head, Buffer.from(json), Buffer.alloc(8)]);
  };
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  expect(parseSafetensors(withHeader(JSON.stringify({ w: entry }))).tensors.size).toBe(1);
  for (const wrong of [
    null,
    7,
    {},
    { ...entry, dtype: "toString" },
    { ...entry, shape: "2" },
    { ...entry, shape: [-2] },
    { ...entry, data_offsets: [8, 0] },
    { ...entry, data_offsets: [0, 7] },
    { ...entry, data_offsets: [0, 4] },
    { ...entry, data_offsets: [8, 16] },
  ])
    expect(() => parseSafetensors(withHeader(JSON.stringify({ w: wrong }))), JSON.stringify(wrong)).toThrow(
      expect.objectContaining({ name: "CslError" }),
    );
  expect(() => parseSafetensors(withHeader('{"w": '))).toThrow("JSON header does not parse");
  const path = file("not.safetensors", "an image");
  await expect(readSafetensors(path)).rejects.toThrow(
    `readSafetensors: ${path}: expected a safetensors file, got something else (no JSON header at byte 8).`,
  );
  await expect(readSafetensors(at("none"))).rejects.toMatchObject({ code: "not-found" });
});

test("numbers that do not fill their shape are refused before anything is written", async () => {
  await expect(written({ w: { shape: [3], data: Float32Array.of(1) } })).rejects.toThrow(
    'expected 3 numbers for "w" [3], got 1',
  );
});

describe("a file of more than 2 GiB, which Node reads in no single piece", () => {
  /** A `last` checkpoint of which the optimizer's memory, 3 GiB of zeros, takes no room on the disk. */
  async function largeCheckpoint(): Promise<string> {
    const path = at("large.safetensors");
    const moments = 3 * 2 ** 30;
    const header = JSON.stringify({
      __metadata__: { format: "pt", csl: "csl-checkpoint/1", weights: "raw", config: '{"a":1}' },
      "adam.moment1.w": { dtype: "F32", shape: [moments / 4], data_offsets: [0, moments] },
      w: { dtype: "F32", shape: [2], data_offsets: [moments, moments + 8] },
    });
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(header.length));
    const handle = await open(path, "w");
    await handle.write(head);
    await handle.write(header);
    await handle.write(Float32Array.of(1.5, -2), 0, 8, 8 + header.length + moments);
    await handle.close();
    return path;
  }

  test("gives the weights behind them without reading the others", async () => {
    const path = await largeCheckpoint();
    const { tensors } = await readTensors("test", path, { wanted: (name) => name === "w" });
    expect(tensors).toEqual(new Map([["w", { shape: [2], data: Float32Array.of(1.5, -2) }]]));
    expect(await loadCheckpoint(path, { stateOnly: true })).toEqual({
      state: tensors,
      weights: "raw",
      config: { a: 1 },
    });
  });

  test("a tensor comes in as many reads as the system needs", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    const opened = await openFileBytes(file("pieces", Buffer.from(bytes)), { block: 64 });
    expect(new Uint8Array(await readBytes(opened, 3, 900))).toEqual(bytes.slice(3, 903));
    await opened.close();
  });
});
