import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Looks whether a folder could be made and written to, without making it: before an engine starts, and without leaving
 * a folder when something else is refused.
 *
 * @param flag what named it, as in `csl train: expected --path-dest to be …`.
 * @throws naming what stands in the way.
 */
export async function requireWritable(command: string, flag: string, folder: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new Error(
      `${command}: expected ${flag} to be a folder that can be written, got ${folder}${why}. Choose another.`,
    );
  };
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = await stat(at).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" || error.code === "ENOTDIR" ? undefined : refuse(` (${error.code})`),
    );
    if (!found) continue;
    if (!found.isDirectory()) refuse(`: ${at} is a file`);
    await access(at, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) =>
      refuse(`: ${at} may not be written (${error.code})`),
    );
    return;
  }
}
