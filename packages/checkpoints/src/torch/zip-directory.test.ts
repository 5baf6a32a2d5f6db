import { zipOf } from "@csl/test-support";
import { expect, it } from "vitest";
import { memoryBytes, readBytes } from "./file-bytes.js";
import { readZipDirectory, zipDataStart } from "./zip-directory.js";

const files = { "a/data.pkl": "pickle", "a/data/0": "numbers", ü: "" };

it.each([
  {},
  { wide: true },
  { deflate: true },
  { comment: "after it PK\x05\x06 and more than 22 bytes of it" },
])("finds every file, %o", async (options) => {
  const file = memoryBytes(zipOf(files, options));
  const entries = await readZipDirectory(file);
  expect([...entries.keys()]).toEqual(Object.keys(files));
  const entry = entries.get("a/data/0")!;
  expect(entry).toMatchObject({ size: 7, method: "deflate" in options ? 8 : 0 });
  if (entry.method === 0) {
    const start = await zipDataStart(file, entry);
    expect((await readBytes(file, start, 7)).toString()).toBe("numbers");
  }
});

it("reads more than 65,535 files", async () => {
  const many = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`data/${i}`, ""]));
  expect((await readZipDirectory(memoryBytes(zipOf(many, { wide: true })))).size).toBe(70_000);
});

it("says that the end is missing", async () => {
  const whole = zipOf(files);
  for (const bytes of [whole.subarray(0, -1), whole.subarray(0, 40), Buffer.alloc(0)])
    await expect(readZipDirectory(memoryBytes(bytes))).rejects.toThrow(/cut off: its directory is missing/);
});

it("trusts no size beyond the file, wherever it is stated", async () => {
  const bytes = zipOf(files, { wide: true });
  const end64 = bytes.indexOf(Buffer.from("PK\x06\x06", "latin1"));
  bytes.writeBigUInt64LE(1n << 50n, end64 + 40);
  await expect(readZipDirectory(memoryBytes(bytes))).rejects.toThrow(/cut off or damaged/);
  const far = { name: "x", method: 0, crc: 0, size: 2 ** 40, packed: 2 ** 40, header: 0 };
  await expect(zipDataStart(memoryBytes(bytes), far)).rejects.toThrow(/damaged at x/);
});
