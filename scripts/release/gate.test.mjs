import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reasonsAgainst } from "./gate.mjs";
import { runIn } from "./run-in.mjs";

let root;
const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
const commit = () =>
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-a", "-m", "text");
async function write(path, text) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), typeof text === "string" ? text : JSON.stringify(text));
  git("add", path);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "csl-gate-"));
  git("init", "--quiet", "--initial-branch", "main");
  await write("package.json", {});
  await write(".changeset/config.json", {});
  await write("packages/a/package.json", { name: "@csl/a", version: "0.2.0" });
  await write("packages/a/CHANGELOG.md", "# @csl/a\n\n## 0.2.0\n");
  commit();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const reasons = (more = {}) =>
  reasonsAgainst(root, { rehearsed: git("rev-parse", "HEAD"), env: {}, ...more });

describe("what speaks against a release", () => {
  it("nothing, where main is clean, versioned and rehearsed", async () => {
    expect(await reasons()).toEqual([]);
  });

  it.each([
    ["a changed file", () => writeFile(join(root, "package.json"), "{ }"), /^expected a clean working tree/],
    ["a new file", () => writeFile(join(root, "new"), ""), /^expected a clean working tree/],
    [
      "another branch",
      () => git("switch", "--quiet", "-c", "other"),
      /^expected the branch main, found other/,
    ],
    ["no branch", () => git("checkout", "--quiet", "--detach"), /^expected the branch main, found none/],
    [
      "another commit than the remote's",
      () => git("update-ref", "refs/remotes/origin/main", git("rev-parse", "HEAD^{tree}")),
      /^expected the commit that origin\/main is at/,
    ],
  ])("%s", async (_, change, reason) => {
    await change();
    expect(await reasons()).toEqual([expect.stringMatching(reason)]);
  });

  it.each([
    [
      "a changeset",
      ".changeset/a.md",
      '---\n"@csl/a": minor\n---\n\nNew.\n',
      /^1 changesets are not taken up/,
    ],
    [
      "two versions",
      "packages/b/package.json",
      { name: "@csl/b", version: "0.1.0" },
      /^expected one version/,
    ],
    ["a changelog without it", "packages/a/CHANGELOG.md", "# @csl/a\n", /^@csl\/a: expected CHANGELOG\.md/],
  ])("%s", async (_, path, text, reason) => {
    await write(path, text);
    commit();
    expect(await reasons()).toEqual([expect.stringMatching(reason)]);
  });

  it("a rehearsal of an earlier commit", async () => {
    expect(await reasons({ rehearsed: "0000" })).toEqual([
      expect.stringMatching(/^this commit was not rehearsed/),
    ]);
  });

  it("provenance without the repository's address", async () => {
    const env = { NPM_CONFIG_PROVENANCE: "true" };
    expect(await reasons({ env })).toEqual([expect.stringMatching(/^provenance needs/)]);
  });
});

it("ends what a stopped step started, too", async () => {
  const controller = new AbortController();
  const script = `sleep 100 & echo $! > ${join(root, "pid")}; kill -USR1 $PPID; wait`;
  const started = new Promise((resolve) => process.once("SIGUSR1", resolve));
  const ended = runIn(root, ["sh", "-c", script], { signal: controller.signal, env: process.env });
  await started;
  controller.abort(new Error("stopped"));
  await expect(ended).rejects.toThrow("stopped");
  const pid = execFileSync("cat", [join(root, "pid")], { encoding: "utf8" }).trim();
  // One that has ended may wait to be reaped.
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" });
  expect(stdout.trim()).toMatch(/^(Z.*)?$/);
});
