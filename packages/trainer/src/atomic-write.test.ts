import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { atomicWrite } from "./atomic-write.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atomic-write-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a full disk: the old file stays, no other is left, and the error names the file and the way out", async () => {
  const path = join(folder, "last.safetensors");
  await writeFile(path, "old");
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
  const writing = atomicWrite(path, async (file) => {
    await file.writeFile("half");
    throw full;
  });
  await expect(writing).rejects.toThrow(
    `cannot write ${path}: ENOSPC: no space left on device, write. Make room on the disk`,
  );
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["last.safetensors"]);
});

test("an error of the writer's own comes out as it is", async () => {
  const own = new Error("expected finite weights");
  await expect(atomicWrite(join(folder, "x"), () => Promise.reject(own))).rejects.toBe(own);
});

test("a folder that is not there is named", async () => {
  const path = join(folder, "nowhere", "x");
  await expect(atomicWrite(path, async () => {})).rejects.toThrow(`cannot write ${path}: ENOENT`);
});
