import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { braceList } from "./brace-list.js";

/**
 * The shards that a pattern means: a brace list, a folder (its .tar files, sorted), or one file. Those that are not
 * there are listed apart.
 *
 * @throws when a folder holds no .tar file, or the pattern is a URL
 */
export async function shardPaths(pattern: string): Promise<{ found: string[]; missing: string[] }> {
  if (/^\w+:\/\/|^pipe:/.test(pattern)) {
    throw new CslError(
      "unsupported",
      `openShards: expected shards on a disk, got ${pattern}. Fetch them first: images are read by position.`,
    );
  }
  const found: string[] = [];
  const missing: string[] = [];
  for (const path of await expanded(pattern)) {
    const what = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    });
    if (!what) missing.push(path);
    else if (what.isDirectory()) found.push(...(await listShards(path)));
    else found.push(path);
  }
  return { found, missing };
}

/** A brace list's paths. What is there under the very name is no list: a folder may be called `{set}` or `{a,b}`. */
async function expanded(pattern: string): Promise<string[]> {
  const exists = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  // From the whole path to its first folder.
  for (let end = pattern.length; end > 0; end = pattern.lastIndexOf("/", end - 1)) {
    const path = pattern.slice(0, end);
    if (!path.includes("{")) break;
    if (await exists(path)) return braceList(pattern.slice(end)).map((rest) => path + rest);
  }
  return braceList(pattern);
}

async function listShards(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".tar") && !name.startsWith("."));
  if (names.length === 0) {
    throw new CslError(
      "not-found",
      `openShards: expected a folder with .tar files, got ${folder}, which has none.`,
    );
  }
  // By code units: the same order on every machine.
  return names.sort().map((name) => join(folder, name));
}
