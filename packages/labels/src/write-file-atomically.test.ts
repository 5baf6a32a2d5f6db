import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFileAtomically } from "./write-file-atomically.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-atomic-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const temporaries = (numbers: number): string[] =>
  Array.from({ length: numbers }, (_, i) => join(folder, `a.csl.${process.pid}-${i.toString(36)}.tmp`));

// Two containers on one folder have the same process number: once, both wrote into one temporary file.
test("a temporary name that another run has is left alone; abandoned ones go", async () => {
  const [fresh, old, ...more] = temporaries(20);
  for (const path of [fresh!, old!, ...more]) await writeFile(path, "another's");
  await utimes(old!, 1, 1);
  await writeFileAtomically(join(folder, "a.csl"), [Uint8Array.of(104), Uint8Array.of(105)], "test");
  expect(await readFile(join(folder, "a.csl"), "utf8")).toBe("hi");
  expect(await readFile(fresh!, "utf8")).toBe("another's");
  expect(await readdir(folder)).toHaveLength(20); // a.csl, and one temporary file less
});

test("written by a function; when that fails, the old file stays and nothing else", async () => {
  const path = join(folder, "b.txt");
  await writeFileAtomically(path, (file) => file.write(Uint8Array.of(104), 0, 1, 0).then(() => {}), "test");
  const broken = writeFileAtomically(path, () => Promise.reject(new Error("no")), "test");
  await expect(broken).rejects.toThrow("test: expected to write");
  expect(await readFile(path, "utf8")).toBe("h");
  expect((await readdir(folder)).filter((name) => name.startsWith("b"))).toEqual(["b.txt"]);
});
