import type { Dir } from "node:fs";
import { opendir } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { SampleIds } from "@csl/labels";
import { parseImageId } from "@csl/openimages-loader";
import type { Texts } from "../dataset.js";
import type { ImageFolder, ImagePlaces } from "./image-places.js";

/** A folder's entries by their names in normal form C, each as the disk writes it. */
interface Listing extends ImageFolder {
  /** Its number among the places, once it holds an image. */
  number: number | undefined;
  files: ReadonlyMap<string, string>;
  folders: ReadonlyMap<string, string>;
}

/** Images by path. Returns the shards that lie in `root` itself. */
export async function placeByPath(
  root: string,
  places: ImagePlaces,
  {
    fileNames,
    otherPaths,
    signal,
  }: {
    fileNames: Texts;
    otherPaths: readonly ((fileName: string) => string)[];
    signal: AbortSignal | undefined;
  },
): Promise<string[]> {
  const listings = new Map<string, Listing>();
  const list = async (folder: string): Promise<Listing> => {
    const known = listings.get(folder);
    if (known) return known;
    signal?.throwIfAborted();
    let listing = await listFolder(isAbsolute(folder) ? folder : join(root, folder), folder);
    const parent = posix.dirname(folder);
    if (!listing && isNotAscii(folder) && parent !== folder) {
      // The folder's own name may have another Unicode form on the disk.
      const above = await list(parent);
      const name = above.folders.get(posix.basename(folder).normalize("NFC"));
      if (name !== undefined)
        listing = await listFolder(join(above.path, name), posix.join(above.name, name));
    }
    const result = listing ?? {
      ...{ path: join(root, folder), name: folder, number: undefined },
      ...{ files: new Map<string, string>(), folders: new Map<string, string>() },
    };
    listings.set(folder, result);
    return result;
  };
  for (const pathOf of [(name: string) => name, ...otherPaths]) {
    if (places.count === places.length) break;
    for (let sample = 0; sample < places.length; sample++) {
      if (places.has(sample)) continue;
      const path = pathOf(fileNames.at(sample)!);
      const folder = posix.dirname(path);
      const listing = listings.get(folder) ?? (await list(folder));
      const name = listing.files.get(posix.basename(path).normalize("NFC"));
      if (name === undefined) continue;
      listing.number ??= places.addFolder(listing);
      places.addFile(sample, listing.number, name);
    }
  }
  const { files } = await list(".");
  return [...files.values()]
    .filter((name) => name.endsWith(".tar"))
    .sort()
    .map((name) => join(root, name));
}

const isNotAscii = (text: string): boolean => /[\u0080-\uffff]/.test(text);

/** Undefined when there is no such folder. */
async function listFolder(path: string, name: string): Promise<Listing | undefined> {
  const entries = await openFolder(path);
  if (!entries) return undefined;
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for await (const entry of entries)
    (entry.isDirectory() ? folders : files).set(entry.name.normalize("NFC"), entry.name);
  return { path, name, number: undefined, files, folders };
}

const IMAGE = /\.(jpe?g|png|webp)$/i;
/** `root/split/0a/ID.jpg` and one more. */
const DEPTH = 4;

/**
 * Images by the OpenImages ids in their names, however they are arranged: all in one folder, by split, in 16 or 256
 * folders by the first digits, as `.jpg` or `.jpeg`, in upper or lower case. Returns the shards among them.
 */
export async function placeById(
  root: string,
  places: ImagePlaces,
  {
    ids,
    split,
    signal,
    onProgress,
  }: {
    ids: SampleIds;
    split: string | undefined;
    signal: AbortSignal | undefined;
    onProgress: (progress: { folders: number; files: number; found: number }) => void;
  },
): Promise<string[]> {
  const shards: string[] = [];
  const progress = { folders: 0, files: 0 };
  const ofSplit = split === undefined ? undefined : await openFolder(join(root, split));
  await ofSplit?.close();
  const pending = [{ name: ofSplit ? split! : ".", depth: 1 }];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    signal?.throwIfAborted();
    const path = join(root, folder.name);
    const number = places.addFolder({ path, name: folder.name });
    for await (const entry of (await openFolder(path)) ?? []) {
      if (entry.isDirectory()) {
        if (folder.depth < DEPTH)
          pending.push({ name: posix.join(folder.name, entry.name), depth: folder.depth + 1 });
        continue;
      }
      if (++progress.files % 100_000 === 0) {
        signal?.throwIfAborted();
        onProgress({ ...progress, found: places.count });
      }
      if (entry.name.endsWith(".tar")) shards.push(join(path, entry.name));
      else if (IMAGE.test(entry.name)) {
        const id = parseImageId(entry.name);
        const sample = id === undefined ? -1 : ids.indexOf(id);
        if (sample >= 0) places.addFile(sample, number, entry.name);
      }
    }
    progress.folders++;
  }
  onProgress({ ...progress, found: places.count });
  return shards.sort();
}

/** Undefined when there is no such folder. @throws CslError `cannot-read` when it cannot be listed. */
async function openFolder(path: string): Promise<Dir | undefined> {
  try {
    return await opendir(path, { bufferSize: 1024 });
  } catch (cause) {
    const { code = "an error" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CslError("cannot-read", `findImages: expected to list the folder ${path}, got ${code}.`, {
      cause,
    });
  }
}
