import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSafetensors, type SafeTensor, writeSafetensors } from "./safetensors.js";

async function written(
  tensors: Record<string, SafeTensor>,
  metadata?: Record<string, string>,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const file = { writeFile: async (data: unknown) => void chunks.push(data as Uint8Array) };
  await writeSafetensors(file, new Map(Object.entries(tensors)), metadata);
  return Buffer.concat(chunks);
}

test("reads every dtype of a file that Python's safetensors wrote", () => {
  // tooling/reference/safetensors_sample.py; every value is exact in half precision
  const { tensors, metadata } = readSafetensors(
    readFileSync(new URL("../fixtures/sample.safetensors", import.meta.url)),
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
  const back = readSafetensors(await written(tensors, { classes: '["é"]' }));
  expect(Object.fromEntries(back.tensors)).toEqual(tensors);
  expect(back.metadata).toEqual({ classes: '["é"]' });
});

test("a file cut off anywhere is refused, and so is another format", async () => {
  const bytes = await written({ w: { shape: [2], data: Float32Array.of(1, -2) } });
  for (let length = 0; length < bytes.length; length++)
    expect(() => readSafetensors(bytes.subarray(0, length))).toThrow("readSafetensors: expected");
  expect(() => readSafetensors(Buffer.from("PK\u0003\u0004 a PyTorch zip file"))).toThrow("something else");
});

test("numbers that do not fill their shape are refused before anything is written", async () => {
  await expect(written({ w: { shape: [3], data: Float32Array.of(1) } })).rejects.toThrow(
    'expected 3 numbers for "w" [3], got 1',
  );
});
