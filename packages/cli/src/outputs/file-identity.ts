import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/**
 * The same text for every path of one file: relative and `./` ones, through links of either kind, and in any case where
 * the file system does not tell cases apart. Paths of files that are not there yet count as one when they differ in
 * case or Unicode form alone: some file systems make one file of them.
 */
export async function fileIdentity(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found && found.ino !== 0n) return `${found.dev}:${found.ino}`;
  return (await realPath(resolve(path))).normalize("NFC").toLowerCase();
}

/** Without links as far as the path is there. */
async function realPath(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined || dirname(path) === path) return real ?? path;
  return join(await realPath(dirname(path)), basename(path));
}

/** What is at a path: nothing, a file, or what that is instead. */
export async function occupant(path: string): Promise<"none" | "file" | "a folder" | "a device or a pipe"> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return (await lstat(path).catch(() => undefined)) ? "file" : "none";
  return found.isFile() ? "file" : found.isDirectory() ? "a folder" : "a device or a pipe";
}
