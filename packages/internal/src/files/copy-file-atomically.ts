import { copyFile, open, rename, rm } from "node:fs/promises";
import { explainWriteError } from "./explain-write-error.js";
import { temporaryName } from "./temporary-files.js";
import { flushAndRename } from "./write-file-atomically.js";

/** Copies a file so that the copy is whole or not there, in place of what has its name. @throws with the way out. */
export async function copyFileAtomically(from: string, to: string, speaker: string): Promise<void> {
  const temporary = temporaryName(to);
  try {
    await copyFile(from, temporary);
    await flushAndRename(await open(temporary, "r+"), temporary, to, { rename });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw explainWriteError(error, { path: to, speaker });
  }
}
