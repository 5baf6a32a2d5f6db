import { chmod, mkdir, readdir } from "node:fs/promises";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { describe, expect, it } from "vitest";
import { requireReadable, requireWritable } from "./check-path.js";
import { checkpointFile, datasetPath, savedLabels } from "./shared-flags.js";

const { folder, at, file } = temporaryFolder();

describe("requireReadable", () => {
  it("accepts what is there: a file, and where allowed, a folder", async () => {
    await requireReadable("csl train", "--data", folder, datasetPath);
    await requireReadable("csl train", "--model-path", file("there", ""), checkpointFile);
    await requireReadable("csl train", "--labels", folder, savedLabels);
  });

  it.each([
    [
      "--data",
      datasetPath,
      /--data to be a folder or a label file, got .*missing, which does not exist\. Draw one: csl scenes/,
    ],
    [
      "--resume",
      checkpointFile,
      /^csl train: expected --resume to be a checkpoint, got .*missing, which does not exist/,
    ],
    ["--labels", savedLabels, /--labels to be saved labels, .* Make them with csl simulate/],
  ])(
    "names the flag %s whose path does not exist, and where such a thing comes from",
    async (flag, reads, message) => {
      const refused = requireReadable("csl train", flag, at("missing"), reads);
      await expect(refused).rejects.toThrow(message);
      await expect(refused).rejects.toMatchObject({ code: "not-found" });
    },
  );

  it("refuses a folder where a file is expected", async () => {
    await expect(requireReadable("csl train", "--model-path", folder, checkpointFile)).rejects.toThrow(
      /--model-path to be a checkpoint, got .*, which is a folder\. Name a file in it/,
    );
  });
});

describe("requireWritable", () => {
  it("accepts a folder that is there, and one that can be made; makes none", async () => {
    const { folder: empty, at: within } = temporaryFolder();
    await requireWritable("csl train", "--path-dest", empty);
    await requireWritable("csl train", "--path-dest", within("a", "b"));
    expect(await readdir(empty)).toEqual([]);
  });

  it("names the file that is in the way", async () => {
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
});
