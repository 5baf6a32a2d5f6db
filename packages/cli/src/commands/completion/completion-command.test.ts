import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeInShell, isInstalled, shells } from "../../../test/complete-in-shell.js";
import { runCommand } from "../../run-command.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csl-completed-"));
  await mkdir(join(folder, "runs"));
  await writeFile(join(folder, "runs.json"), "{}");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function scriptFor(shell: string): Promise<string> {
  let script = "";
  await runCommand(["completion", shell], { out: { write: (text) => (script += text) } });
  return script;
}

describe.each(shells)("csl completion %s", (shell) => {
  // Spaces at the ends and "=" are where shells differ. "/" behind a folder depends on the shell's settings.
  it.skipIf(!isInstalled(shell)).each([
    { line: "csl tr", offers: ["train"] },
    { line: "csl es", offers: ["estimate-prior"] },
    { line: "csl train --gamma-u", offers: ["--gamma-unann"] },
    { line: "csl train --lr 0.1 --gamma-u", offers: ["--gamma-unann"] },
    { line: "csl train --dataset co", offers: ["coco"] },
    { line: "csl completion ", offers: ["bash", "fish", "zsh"] },
    { line: "csl completion f", offers: ["fish"] },
    { line: "csl weights g", offers: ["get"] },
    { line: "csl weights get --ref", offers: ["--refresh"] },
    { line: "csl engines build-", offers: ["build-tensorflow", "build-torch"] },
    { line: "csl run own --data ru", offers: ["runs", "runs.json"] },
    { line: "csl run o", offers: ["openimages", "own"] },
    { line: "csl run ru", offers: ["runs", "runs.json"] },
    { line: "csl train --path-dest ru", offers: ["runs"] },
    { line: "csl train --lr ", offers: [] },
  ])("offers $offers behind “$line”", async ({ line, offers }) => {
    const found = completeInShell(shell, await scriptFor(shell), line, folder);
    expect(found.map((one) => one.replace(/\/$/, "")).sort()).toEqual(offers);
  });
});

it("refuses a shell that it does not know, and names those it knows", async () => {
  await expect(runCommand(["completion", "tcsh"])).rejects.toThrow(
    'csl completion: expected one of bash, zsh, fish, got "tcsh".',
  );
});
