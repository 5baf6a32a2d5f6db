import { appendFileSync, copyFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, test } from "vitest";
import { fileKey, sameFile } from "./file-key.js";

const { folder, file } = temporaryFolder();

test.each([0, 10, 200_000, 5_000_000])(
  "%d bytes: touched and copied is the same, changed is not",
  async (size) => {
    const content = Buffer.alloc(size, "label,");
    const path = file("labels", content);
    const key = await fileKey(path);
    expect(key.size).toBe(size);
    expect(await sameFile(path, key)).toBe(true);
    utimesSync(path, new Date(0), new Date(1e12));
    expect(await sameFile(path, key)).toBe(true);
    const copy = join(folder, "copy");
    copyFileSync(path, copy);
    utimesSync(copy, new Date(0), new Date(2e12));
    expect(await sameFile(copy, key)).toBe(true);
    for (const at of size === 0 ? [] : [0, size - 1]) {
      const changed = Buffer.from(content);
      changed[at]! ^= 1;
      expect(await sameFile(file("changed", changed), key), `byte ${at}`).toBe(false);
    }
    appendFileSync(path, "x");
    expect(await sameFile(path, key)).toBe(false);
  },
);

test("size and time alone decide when both are the same: nothing is read", async () => {
  const path = file("unread", "abc");
  const key = await fileKey(path);
  expect(await sameFile(path, { ...key, sample: "another" })).toBe(true);
  expect(await sameFile(path, { ...key, mtime: 1, sample: "another" })).toBe(false);
});

test("a missing file is not the same, and has no key", async () => {
  const key = await fileKey(file("here", "abc"));
  expect(await sameFile(join(folder, "none"), key)).toBe(false);
  await expect(fileKey(join(folder, "none"))).rejects.toMatchObject({ code: "not-found" });
});
