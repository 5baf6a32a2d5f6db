import type { Dirent } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../files.js";

const SPEAKER = "unpackArchive";

/** Why `moveInto` cannot do it: a file is where a folder is to be, or the other way round. Undefined when it can. */
export async function findClash(from: string, to: string): Promise<string | undefined> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    const there = await stat(target).catch(() => undefined); // follows links: people keep images on other disks
    if (there && there.isDirectory() !== entry.isDirectory())
      return (
        `expected ${target} to be a ${entry.isDirectory() ? "folder" : "file"}, as in the archive, got a ` +
        `${entry.isDirectory() ? "file" : "folder"}. Move it away, then run the same again.`
      );
    const clash = there?.isDirectory() && (await findClash(join(from, entry.name), target));
    if (clash) return clash;
  }
  return undefined;
}

/**
 * Moves what is in `from` into `to`, folder by folder: a folder that is not there yet moves in one step, a file takes
 * the place of one of its name. Interrupted, it continues when it is called again.
 *
 * @throws CslError `cannot-write`
 */
export async function moveInto(from: string, to: string): Promise<void> {
  await writing(SPEAKER, to, () => mkdir(to, { recursive: true }));
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await stat(target).catch(() => undefined);
    if (there?.isDirectory()) await moveInto(source, target);
    else await moveOne(entry, source, target);
  }
  await rm(from, { recursive: true });
}

async function moveOne(entry: Dirent, source: string, target: string): Promise<void> {
  await writing(SPEAKER, target, async () => {
    try {
      await rename(source, target);
    } catch (error) {
      // A folder that is a link to another disk.
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      if (entry.isDirectory()) return moveInto(source, target);
      await copyFile(source, `${target}.part`);
      await rename(`${target}.part`, target);
      await rm(source);
    }
  });
}
