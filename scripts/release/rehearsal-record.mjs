import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { root } from "../run.mjs";

const path = join(root, "node_modules/.cache/rehearsal/passed.json");

/** Keeps that the rehearsal of a commit passed, for the release of the same commit. */
export async function recordRehearsal(commit) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(
    path,
    JSON.stringify({ commit, node: process.versions.node, at: new Date().toISOString() }),
  );
}

/** The commit whose rehearsal passed last here. */
export async function rehearsedCommit() {
  return JSON.parse(await readFile(path, "utf8").catch(() => "{}")).commit;
}
