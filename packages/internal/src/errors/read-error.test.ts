import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readError } from "./read-error.js";

const describeError = async (path: string): Promise<unknown> => {
  const cause = await readFile(path).catch((error: unknown) => error);
  const { code, message } = readError("f", path, cause, "a table");
  return [code, message];
};

test("says where nothing is, and where nothing can be read", async () => {
  const absent = join(tmpdir(), "csl-absent-file");
  expect(await describeError(absent)).toEqual([
    "not-found",
    `f: expected a table at ${absent}, got ENOENT. Is the path right?`,
  ]);
  expect(await describeError(tmpdir())).toEqual([
    "cannot-read",
    `f: expected a table at ${tmpdir()}, got EISDIR. Is the path right?`,
  ]);
});
