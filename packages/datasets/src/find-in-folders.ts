import { opendir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { folderImages, type ImageList } from "@csl/image-batches";
import type { Texts } from "./dataset.js";

/** Images that were found, and by position the samples they belong to. */
export interface FoundImages {
  /** One entry for every found image. */
  list: ImageList;
  /** Sample of each entry; undefined when nothing is missing, so that list and samples are the same. */
  samples: Uint32Array | undefined;
  /** Samples without an image, ascending. */
  missing: Uint32Array;
  /** Where they are, for the person. */
  where: string;
}

/** Samples looked at to find out which root holds the images. */
const PROBES = 64;

/**
 * Images by name below the first root that has any. Folders are listed once each instead of asking for every file:
 * one call for a hundred thousand names.
 */
export async function findInFolders(
  roots: readonly string[],
  fileNames: Texts,
): Promise<FoundImages | undefined> {
  for (const root of roots) {
    if (!(await holdsAny(root, fileNames))) continue;
    const folders = new Map<string, Set<string>>();
    const isThere = async (position: number): Promise<boolean> => {
      const path = join(root, fileNames.at(position)!);
      const folder = dirname(path);
      let names = folders.get(folder);
      if (!names) {
        names = await namesIn(folder);
        folders.set(folder, names);
      }
      return names.has(path.slice(folder.length + 1));
    };
    const parts = await partition(fileNames.length, isThere);
    const list = folderImages(root, subset(fileNames, parts.samples));
    return { list, ...parts, where: root };
  }
  return undefined;
}

/** Splits 0 … length - 1 into those that are there and those that are not. */
async function partition(
  length: number,
  isThere: (position: number) => boolean | Promise<boolean>,
): Promise<{ samples: Uint32Array | undefined; missing: Uint32Array }> {
  const order = new Uint32Array(length); // found ones from the front, missing ones from the back
  let found = 0;
  let missing = 0;
  for (let position = 0; position < length; position++) {
    const there = isThere(position);
    if (there === true || (there !== false && (await there))) order[found++] = position;
    else order[length - ++missing] = position;
  }
  if (missing === 0) return { samples: undefined, missing: new Uint32Array(0) };
  return { samples: order.slice(0, found), missing: order.slice(found).reverse() };
}

/** The texts at these positions; all of them when there are none given. */
function subset(texts: Texts, positions: Uint32Array | undefined): Texts {
  if (!positions) return texts;
  return { length: positions.length, at: (i) => texts.at(positions[i]!) };
}

async function holdsAny(root: string, fileNames: Texts): Promise<boolean> {
  const step = Math.max(1, Math.floor(fileNames.length / PROBES));
  for (let position = 0; position < fileNames.length; position += step) {
    const found = await stat(join(root, fileNames.at(position)!)).catch(() => undefined);
    if (found?.isFile()) return true;
  }
  return false;
}

async function namesIn(folder: string): Promise<Set<string>> {
  const names = new Set<string>();
  try {
    for await (const entry of await opendir(folder, { bufferSize: 1024 }))
      if (!entry.isDirectory()) names.add(entry.name);
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code !== "ENOENT" &&
      (error as NodeJS.ErrnoException).code !== "ENOTDIR"
    )
      throw error;
  }
  return names;
}
