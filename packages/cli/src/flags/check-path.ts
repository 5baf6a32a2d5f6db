import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ReadPath } from "./flag.js";

/**
 * Checks that a path which a flag names is there, before an engine starts or labels are read.
 *
 * @param speaker the command, as errors begin: `csl train`.
 * @param flag as it is written: `--model-path`.
 * @throws CslError `not-found` or `invalid-argument` naming the flag, the path and where to get such a file.
 */
export async function requireReadable(
  speaker: string,
  flag: string,
  path: string,
  { what, kind = "file", wayOut, elsewhere }: ReadPath,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found && elsewhere?.(path)) return;
  if (!found)
    throw new CslError(
      "not-found",
      `${speaker}: expected ${flag} to be ${what}, got ${path}, which does not exist. ${wayOut(path)}`,
    );
  if (kind === "file" && found.isDirectory())
    throw new CslError(
      "invalid-argument",
      `${speaker}: expected ${flag} to be ${what}, got ${path}, which is a folder. Name a file in it. ${wayOut(path)}`,
    );
}

/**
 * Checks that a folder could be made and written to, without making it: before an engine starts, and without leaving
 * a folder when something else is refused.
 *
 * @param flag what named it, as in `csl train: expected --path-dest to be …`.
 * @throws CslError `cannot-write` naming what prevents it.
 */
export async function requireWritable(speaker: string, flag: string, folder: string): Promise<void> {
  const refuse = (why: string): never => {
    throw new CslError(
      "cannot-write",
      `${speaker}: expected ${flag} to be a folder that can be written, got ${folder}${why}. Choose another.`,
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
