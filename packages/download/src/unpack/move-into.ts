import type { Dirent } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writing } from "../fetch/disk-failure.js";

/** Looks whether `moveInto` can do it. @throws when a file is in the way of a folder or the other way round */
export async function requireNoClash(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    const there = await stat(target).catch(() => undefined); // follows links: people keep images on other disks
    if (there && there.isDirectory() !== entry.isDirectory())
      throw new Error(
        `expected ${target} to be a ${entry.isDirectory() ? "folder" : "file"}, as in the archive, got a ` +
          `${entry.isDirectory() ? "file" : "folder"}. Move it away, then run the same again`,
      );
    if (there?.isDirectory()) await requireNoClash(join(from, entry.name), target);
  }
}

/**
 * Moves what is in `from` into `to`, folder by folder: a folder that is not there yet moves in one step, a file takes
 * the place of one of its name. Interrupted, it goes on by being called again.
 *
 * @throws DiskFailure
 */
export async function moveInto(from: string, to: string): Promise<void> {
  await writing(to, () => mkdir(to, { recursive: true }));
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await stat(target).catch(() => undefined);
    if (there?.isDirectory()) await moveInto(source, target);
    else await moveOne(entry, source, target);
  }
  await rm(from, { recursive: true });
}

async function moveOne(entry: Dirent, source: string, target: string): Promise<void> {
  await writing(target, async () => {
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
