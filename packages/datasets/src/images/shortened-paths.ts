import { basename, posix } from "node:path";
import { splitNamedIn } from "./shard-splits.js";

/**
 * Paths of another machine (`/home/her/photos/a/1.jpg`), URLs, or paths from a folder above the root, as paths below the
 * root: without the folders that all of them begin with, as many as find the most. All paths lose the same folders, so
 * that two of them never become one.
 *
 * @param isThere whether a path below the root exists.
 * @returns undefined where no number of folders finds any.
 */
export async function shortenedPaths(
  root: string,
  paths: readonly string[],
  isThere: (path: string) => Promise<boolean>,
): Promise<string[] | undefined> {
  const common = commonFolders(paths);
  let best: { count: number; paths: string[] } = { count: 0, paths: [] };
  for (let cut = 1; cut <= common.length; cut++) {
    const isNameOnly = paths.some((path) => path.split("/").length === cut + 1);
    // What is left out must not be what tells train from val: their files may have equal names.
    const last = common[cut - 1]!;
    if (isNameOnly && splitNamedIn(last) !== undefined && basename(root) !== last) continue;
    const shorter = paths.map((path) => path.split("/").slice(cut).join("/"));
    let count = 0;
    for (const path of shorter) if (await isThere(path)) count++;
    if (count > best.count) best = { count, paths: shorter };
    if (count === paths.length) break;
  }
  return best.count > 0 ? best.paths : undefined;
}

/** The folders with which all paths begin. */
function commonFolders([first = "", ...others]: readonly string[]): string[] {
  const folders = posix.dirname(first) === "." ? [] : posix.dirname(first).split("/");
  let length = folders.length;
  for (const path of others) {
    const parts = path.split("/");
    length = Math.min(length, parts.length - 1);
    for (let i = 0; i < length; i++) if (parts[i] !== folders[i]) length = i;
  }
  return folders.slice(0, length);
}
