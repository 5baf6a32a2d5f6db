import { chmod, mkdir, readdir } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { requireWritable } from "./require-writable.js";

const { folder, at, file } = temporaryFolder();

it("takes a folder that is there, and one that can be made; makes none", async () => {
  await requireWritable("csl train", "--path-dest", folder);
  await requireWritable("csl train", "--path-dest", at("a", "b"));
  expect(await readdir(folder)).toEqual([]);
});

it("names the file that stands in the way", async () => {
  const taken = file("taken", "");
  await expect(requireWritable("csl train", "--path-dest", at("taken", "run"))).rejects.toThrow(
    `csl train: expected --path-dest to be a folder that can be written, got ${at("taken", "run")}: ${taken} is a file. Choose another.`,
  );
});

// The superuser may write everywhere.
it.skipIf(process.getuid?.() === 0)("names the folder that may not be written", async () => {
  await mkdir(at("locked"));
  await chmod(at("locked"), 0o555);
  await expect(requireWritable("csl train", "--path-dest", at("locked", "run"))).rejects.toThrow(
    /locked may not be written \(EACCES\)/,
  );
});
