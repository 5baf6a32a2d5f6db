import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FileRanges } from "./file-ranges.js";

let root: string;
const file = (i: number): string => join(root, String(i));
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "file-ranges-"));
  for (let i = 0; i < 20; i++) await writeFile(file(i), `file ${i}: 0123456789`);
});
afterAll(() => rm(root, { recursive: true }));

it.runIf(process.platform === "linux")("reads many files with few open, and closes them all", async () => {
  const open = async (): Promise<number> => (await readdir("/proc/self/fd")).length;
  const before = await open();
  const ranges = new FileRanges(4);
  const wanted = Array.from({ length: 200 }, (_, i) => (i * 7) % 20);
  const read = async (i: number): Promise<string> =>
    new TextDecoder().decode(await ranges.read({ file: file(i), offset: 5, length: 3 }));
  for (let at = 0; at < wanted.length; at += 3) {
    const few = wanted.slice(at, at + 3);
    expect(await Promise.all(few.map(read))).toEqual(few.map((i) => `${i}: `.slice(0, 3).padEnd(3, "0")));
    expect(await open()).toBeLessThanOrEqual(before + 5);
  }
  // Closing while somebody reads takes no descriptor from under the reader.
  const last = [1, 2, 3].map(read);
  ranges.close();
  expect(await Promise.all(last)).toEqual(["1: ", "2: ", "3: "]);
  await expect.poll(open).toBe(before);
});

it("says when a file is shorter than the range, and tries a missing file again", async () => {
  const ranges = new FileRanges();
  await expect(ranges.read({ file: file(3), offset: 10, length: 20 })).rejects.toThrow(
    /expected 20 bytes at 10 of .*3, got 8: the file is shorter/,
  );
  await expect(ranges.read({ file: file(99), offset: 0, length: 4 })).rejects.toThrow("ENOENT");
  await writeFile(file(99), "here now");
  expect(new TextDecoder().decode(await ranges.read({ file: file(99), offset: 0, length: 4 }))).toBe("here");
  ranges.close();
});
