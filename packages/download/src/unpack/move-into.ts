import type { Dirent } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { copyFileAtomically } from "@csl/internal/files/copy-file-atomically";
import { haveSameBytes } from "@csl/internal/files/have-same-bytes";
import { writing } from "../files.js";

const SPEAKER = "unpackArchive";

/**
 * Why `moveInto` is not to do it: a file is where a folder is to be, or the other way round; or, unless `overwrite`, files
 * of other content have the names. Undefined when it may. Files of the same content are in nobody's way.
 */
export async function findClash(
  from: string,
  to: string,
  { overwrite }: { overwrite: boolean },
): Promise<string | undefined> {
  const others: string[] = [];
  const clash = await lookThrough(from, to, (target) => others.push(target));
  if (clash !== undefined) return clash;
  const [first] = others;
  if (first === undefined || overwrite) return undefined;
  const more = others.length > 1 ? ` (and ${others.length - 1} more)` : "";
  return (
    `expected ${first}${more} to be as in the archive or not there, got another file, which would be replaced. ` +
    "Move it away, then run the same again, or pass overwrite: true (csl download --overwrite) to lose it."
  );
}

/** What `findClash` says of a kind; calls `onOther` with every file of other content. */
async function lookThrough(
  from: string,
  to: string,
  onOther: (target: string) => void,
): Promise<string | undefined> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await stat(target).catch(() => undefined); // follows links: people keep images on other disks
    if (there && there.isDirectory() !== entry.isDirectory())
      return (
        `expected ${target} to be a ${entry.isDirectory() ? "folder" : "file"}, as in the archive, got a ` +
        `${entry.isDirectory() ? "file" : "folder"}. Move it away, then run the same again.`
      );
    if (there?.isDirectory()) {
      const clash = await lookThrough(source, target, onOther);
      if (clash !== undefined) return clash;
    } else if (there && !(await haveSameBytes(source, target))) onOther(target);
  }
  return undefined;
}

/**
 * Moves what is in `from` into `to`, folder by folder: a folder that is not there yet moves in one step, a file takes
 * the place of one of its name, which `findClash` has looked at. Interrupted, it continues when it is called again.
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
      await copyFileAtomically(source, target, SPEAKER);
      await rm(source);
    }
  });
}
