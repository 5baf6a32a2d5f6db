import { readdir } from "node:fs/promises";
import { lockFile } from "@csl/internal/files/file-lock";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { expect, it } from "vitest";
import { runCommand } from "./run-command.js";

const { folder, at } = temporaryFolder();

// train, run and prepare have tests of their own beside them.
it.each([
  [
    "scenes.lock",
    (out: string) => ["scenes", out, "--train", "1", "--val", "1", "--ood", "0", "--size", "64"],
  ],
  ["simulation.lock", (out: string) => ["simulate", "--data", folder, "--out", out]],
])("a second run is refused while %s is held, told who holds it, and leaves nothing", async (name, args) => {
  const out = at(name.replace(".", "-"));
  const silent = { write: () => {} };
  const lock = await lockFile(`${out}/${name}`, { speaker: "the test" });
  try {
    await expect(runCommand(args(out), { out: silent, err: silent })).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringMatching(
        /expected to be the only run here, got process \d+ on .* since .* at work/,
      ),
    });
    expect(await readdir(out)).toEqual([name]);
  } finally {
    await lock.release();
  }
});
