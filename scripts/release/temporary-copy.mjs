import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../run.mjs";

const prefix = "csl-rehearsal-";

/** What a rehearsal must leave as it is: the commit, the branch, the tags, and what is changed and not committed. */
export function stateOf(folder) {
  const git = (...words) => execFileSync("git", words, { cwd: folder, encoding: "utf8" }).trimEnd();
  return {
    commit: git("rev-parse", "HEAD"),
    branch: git("branch", "--show-current"),
    tags: git("tag", "--list"),
    changes: git("status", "--porcelain"),
  };
}

/**
 * A clean checkout of a commit of this repository, in a temporary folder. Folders of rehearsals that were killed are removed
 * first: their names hold the number of the process.
 */
export async function copyOfCommit(commit) {
  for (const name of await readdir(tmpdir()))
    if (name.startsWith(prefix) && !isRunning(Number(name.slice(prefix.length).split("-")[0])))
      await rm(join(tmpdir(), name), { recursive: true, force: true });
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const copy = join(folder, "repository");
  execFileSync("git", ["clone", "--quiet", "--no-checkout", root, copy]);
  execFileSync("git", ["checkout", "--quiet", "--detach", commit], { cwd: copy });
  return { folder, copy };
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
