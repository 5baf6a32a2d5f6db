import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { requirePaths } from "./require-paths.js";

const { at, file, folder } = temporaryFolder();

it("names the flag whose path is not there, and where such a thing comes from", async () => {
  const data = folder;
  const there = file("there", "");
  await requirePaths("csl train", { data, modelPath: there, labels: folder });
  const missing = at("missing");
  for (const [paths, message] of [
    [{ data: missing }, /--data to be a folder or a label file, got .*missing, which is not there/],
    [{ data, resume: missing }, /^csl train: expected --resume to be a checkpoint, got .*missing, which is/],
    [
      { data, modelPath: folder },
      /--model-path to be a checkpoint, got .*, which is a folder\. Name a file in it/,
    ],
    [{ data, priorPath: missing }, /--prior-path to be a class prior, .* Make one with csl estimate-prior/],
  ] as const)
    await expect(requirePaths("csl train", paths)).rejects.toThrow(message);
});
