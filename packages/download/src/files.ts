import type * as nodeFiles from "node:fs/promises";
import { isCslError } from "@csl/internal/errors/csl-error";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { type FileLock, lockFile } from "@csl/internal/files/file-lock";

/** What downloads need of a file system; `node:fs/promises` is one, tests hand in one that fails. */
export type FetchFiles = Pick<
  typeof nodeFiles,
  "mkdir" | "open" | "readFile" | "readdir" | "rename" | "rm" | "stat" | "appendFile" | "writeFile"
>;

/**
 * Runs something that writes; an error of the file system becomes a CslError `cannot-write`. No other file can be
 * written then either, so everything stops.
 */
export async function writing<T>(speaker: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainWriteError(error, {
      path,
      speaker,
      state: "what is there is whole, and the same call continues",
    });
  }
}

/**
 * Makes sure that one run at a time works here: two would write into each other's `.part` files. Undefined where no
 * lock file can be made: what is there can still be looked at, and a write says by itself why it fails.
 *
 * @throws CslError `in-use` when another run is at work
 */
export async function lockIfWritable(
  path: string,
  { speaker, files }: { speaker: string; files: FetchFiles },
): Promise<FileLock | undefined> {
  try {
    return await lockFile(path, { speaker, files });
  } catch (error) {
    if (isCslError(error, "cannot-write")) return undefined;
    throw error;
  }
}
