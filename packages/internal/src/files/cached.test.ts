import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { type Cached, cached } from "./cached.js";

const { folder, file } = temporaryFolder();

/** Counts the bytes of the files; the index is that number and its double. */
function lengths(paths: string | string[], variant = "1"): Promise<Cached<number[]>> {
  const files = typeof paths === "string" ? [paths] : paths;
  return cached(paths, ".idx", {
    variant,
    compute: async () => {
      const total = files.reduce((sum, path) => sum + readFileSync(path).length, 0);
      return [total, 2 * total];
    },
    save: (value) => value.map((number) => new Uint8Array(Float64Array.of(number).buffer)),
    load: (bytes) => [...new Float64Array(bytes.buffer, bytes.byteOffset, 2)],
  });
}

test("computed once, then loaded until the content or the variant changes", async () => {
  const path = file("a", "12345");
  expect(await lengths(path)).toEqual({ value: [5, 10], path: `${path}.idx`, hit: false });
  expect(await lengths(path)).toEqual({ value: [5, 10], path: `${path}.idx`, hit: true });
  utimesSync(path, new Date(0), new Date(1e12));
  expect((await lengths(path)).hit).toBe(true);
  expect((await lengths(path, "2")).hit).toBe(false);
  expect((await lengths(path, "1")).hit).toBe(false);
  writeFileSync(path, "123456");
  expect(await lengths(path)).toMatchObject({ value: [6, 12], hit: false });
  expect(readdirSync(folder).filter((name) => name.startsWith("a"))).toEqual(["a", "a.idx"]);
});

test("of several files: any change, another order, one more", async () => {
  const [b, c] = [file("b", "12"), file("c", "345")];
  expect((await lengths([b, c])).hit).toBe(false);
  expect(await lengths([b, c])).toMatchObject({ value: [5, 10], hit: true });
  expect((await lengths([b])).hit).toBe(false);
  await lengths([b, c]);
  writeFileSync(c, "678");
  utimesSync(c, new Date(0), new Date(1e12));
  expect(await lengths([b, c])).toMatchObject({ value: [5, 10], hit: false });
  rmSync(c);
  await expect(lengths([b, c])).rejects.toThrow(basename(c));
});

test("an index with a part of no bytes is written and found again", async () => {
  const path = file("part", "12");
  const take = () =>
    cached(path, ".idx", {
      variant: "1",
      compute: async () => "value",
      // Without memory behind it, as a typed array of no elements has none.
      save: () => [Uint8Array.of(1), new Uint8Array(new Uint16Array(0).buffer, 0, 0), Uint8Array.of(2)],
      load: (bytes) => [...bytes].join(),
    });
  await take();
  expect(await take()).toEqual({ value: "1,2", path: `${path}.idx`, hit: true });
});

test("no changed byte and no cut of the index goes unnoticed", async () => {
  const path = file("d", "1234");
  await lengths(path);
  const whole = readFileSync(`${path}.idx`);
  for (let i = 0; i < whole.length; i += 3) {
    const changed = Buffer.from(whole);
    changed[i]! ^= 0x20;
    writeFileSync(`${path}.idx`, changed);
    const read = await lengths(path);
    // A changed blank of the padding is harmless; a changed file key or variant means another file.
    expect(read.value, `byte ${i}`).toEqual([4, 8]);
  }
  writeFileSync(`${path}.idx`, whole.subarray(0, whole.length - 1));
  const { value, hit, note } = await lengths(path);
  expect({ value, hit }).toEqual({ value: [4, 8], hit: false });
  expect(note).toBe(
    `cached: expected a readable index at ${path}.idx, got 15 bytes instead of 16. Computed again.`,
  );
  expect(await lengths(path)).toMatchObject({ hit: true });
});

test("where no index can be written the value comes all the same, with a note", async () => {
  const path = file("e", "123");
  mkdirSync(`${path}.idx`);
  const { value, hit, note } = await lengths(path);
  expect({ value, hit }).toEqual({ value: [3, 6], hit: false });
  expect(note).toMatch(/cannot write .*e\.idx: .*\(E.*Continued without/);
  expect(readdirSync(folder).filter((name) => name.startsWith("e"))).toEqual(["e", "e.idx"]);
});

test("what compute throws is thrown, and no index is written", async () => {
  const path = file("f", "123");
  const broken = cached(path, ".idx", {
    variant: "1",
    compute: () => Promise.reject(new Error("damaged")),
    save: () => new Uint8Array(0),
    load: () => 0,
  });
  await expect(broken).rejects.toThrow("damaged");
  expect(readdirSync(folder)).not.toContain("f.idx");
  await expect(lengths([])).rejects.toThrow("cached: expected files and a suffix, got 0 files");
});

test.each([
  ["cut in the header's length", "csl index 1\n"],
  ["a length below its own", "csl index 1\n\x03\0\0\0"],
  ["null for a header", "csl index 1\n\x14\0\0\0null"],
  ["half a header", 'csl index 1\n\x40\0\0\0{"variant":"1"}'.padEnd(64)],
  ["files without keys", 'csl index 1\n\x40\0\0\0{"variant":"lengths","files":[null]}'.padEnd(64)],
])("an index with %s is computed again, and the note is no message of the engine's", async (_, content) => {
  const path = file("g", "123");
  writeFileSync(`${path}.idx`, content, "latin1");
  const { value, note } = await lengths(path);
  expect(value).toEqual([3, 6]);
  expect(note).toMatch(/^cached: expected a readable index at .*g\.idx, got (a header of|a damaged header)/);
});
