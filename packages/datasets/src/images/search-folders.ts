import type { Dir } from "node:fs";
import { opendir } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import type { SampleIds } from "@csl/labels";
import { parseImageId } from "@csl/openimages-loader";
import type { Texts } from "../dataset.js";
import type { ImageFolder, ImagePlaces } from "./image-places.js";
import { namedFile, unescaped } from "./named-file.js";
import { shortenedPaths } from "./shortened-paths.js";

/** A folder's entries by their names in normal form C, each as the disk writes it. */
interface Listing extends ImageFolder {
  /** Its number among the places, once it holds an image. */
  number: number | undefined;
  files: ReadonlyMap<string, string>;
  /** Names that are equal in normal form C, by that form. */
  twins: ReadonlyMap<string, readonly string[]>;
  folders: ReadonlyMap<string, string>;
  /** Files by `looseForm` of their names; undefined for several of one form. Made when first asked for. */
  loose?: Map<string, string | undefined>;
}

export interface PlaceByPathOptions {
  fileNames: Texts;
  otherPaths: readonly ((fileName: string) => string)[];
  /** When none is found, try names without the folders that all of them begin with: paths of another machine, or from a folder above. */
  withoutCommonFolders: boolean;
  signal: AbortSignal | undefined;
}

/** Images by path. Returns the shards that lie in `root` itself, and what a person should know. */
export async function placeByPath(
  root: string,
  places: ImagePlaces,
  { fileNames, otherPaths, withoutCommonFolders, signal }: PlaceByPathOptions,
): Promise<{ shards: string[]; notes: string[] }> {
  const list = folderLister(root, signal);
  const isThere = (name: string, listing: Listing): string | undefined => {
    const form = name.normalize("NFC");
    const twins = listing.twins.size > 0 ? listing.twins.get(form) : undefined;
    return twins ? twins.find((twin) => twin === name) : listing.files.get(form);
  };
  const place = async (sample: number, path: string, loosely = false): Promise<boolean> => {
    const folder = posix.dirname(path);
    const listing = list.known(folder) ?? (await list(folder));
    const base = posix.basename(path);
    const name = isThere(base, listing) ?? (loosely ? looseFiles(listing).get(looseForm(base)) : undefined);
    if (name === undefined) return false;
    // An exact name goes before one that only looks alike.
    if (loosely && isNamed().has(posix.join(listing.name, name).normalize("NFC"))) return false;
    listing.number ??= places.addFolder(listing);
    places.addFile(sample, listing.number, name);
    return true;
  };
  let named: Set<string> | undefined;
  const isNamed = (): Set<string> => {
    named ??= new Set(textsOf(fileNames, (name) => namedFile(name).path.normalize("NFC")));
    return named;
  };
  const missing = function* (): Generator<number, void, undefined> {
    for (let sample = 0; sample < places.length && places.count < places.length; sample++)
      if (!places.has(sample)) yield sample;
  };
  const otherForms = [(name: string) => name, ...otherPaths];
  for (const pathOf of otherForms)
    for (const sample of missing()) {
      const path = pathOf(fileNames.at(sample)!);
      const listing = list.known(posix.dirname(path));
      // Most names are found so, without a promise each.
      const name = listing && isThere(posix.basename(path), listing);
      if (listing?.number !== undefined && name !== undefined) places.addFile(sample, listing.number, name);
      else if (!listing || name !== undefined) await place(sample, path);
    }
  for (const loosely of [false, true])
    for (const sample of missing())
      for (const pathOf of otherForms)
        if (await place(sample, pathOf(namedFile(fileNames.at(sample)!).path), loosely)) break;
  const notes: string[] = [];
  if (withoutCommonFolders && places.count === 0) {
    const paths = Array.from(missing(), (sample) => namedFile(fileNames.at(sample)!).path);
    const shortened = await shortenedPaths(root, paths, async (path) => {
      const listing = await list(posix.dirname(path));
      return isThere(posix.basename(path), listing) !== undefined;
    });
    for (const [sample, path] of (shortened ?? []).entries()) await place(sample, path);
    if (shortened) notes.push(`images are looked for as ${shortened[0]} instead of ${fileNames.at(0)}`);
  }
  const { files } = await list(".");
  const shards = [...files.values()].filter((name) => name.endsWith(".tar")).sort();
  return { shards: shards.map((name) => join(root, name)), notes };
}

/** Lists each folder once. `known` answers without waiting where that was done. */
function folderLister(
  root: string,
  signal: AbortSignal | undefined,
): ((folder: string) => Promise<Listing>) & { known(folder: string): Listing | undefined } {
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
    const none = new Map<string, never>();
    const result = listing ?? {
      ...{ path: join(root, folder), name: folder, number: undefined },
      ...{ files: none, twins: none, folders: none },
    };
    listings.set(folder, result);
    return result;
  };
  return Object.assign(list, { known: (folder: string) => listings.get(folder) });
}

const isNotAscii = (text: string): boolean => /[\u0080-\uffff]/.test(text);

/** Undefined when there is no such folder. */
async function listFolder(path: string, name: string): Promise<Listing | undefined> {
  const entries = await openFolder(path);
  if (!entries) return undefined;
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const twins = new Map<string, string[]>();
  const links = new Set<string>();
  for await (const entry of entries) {
    const form = entry.name.normalize("NFC");
    const into = entry.isDirectory() ? folders : files;
    const twin = into.get(form);
    if (twin !== undefined) twins.set(form, [...(twins.get(form) ?? [twin]), entry.name]);
    into.set(form, entry.name);
    if (entry.isSymbolicLink()) links.add(entry.name);
  }
  return { path, name, number: undefined, files, folders, twins, links };
}

/** What two names share that differ in capitals, escapes (`%20`), or blanks around them only. */
const looseForm = (name: string): string => unescaped(name).trim().normalize("NFC").toLowerCase();

function looseFiles(listing: Listing): Map<string, string | undefined> {
  if (!listing.loose) {
    listing.loose = new Map();
    for (const name of listing.files.values()) {
      const form = looseForm(name);
      listing.loose.set(form, listing.loose.has(form) ? undefined : name);
    }
  }
  return listing.loose;
}

const IMAGE = /\.(jpe?g|png|webp)$/i;
const IMAGE_OR_SHARD = /\.(jpe?g|png|webp|tar)$/i;
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
      if (entry.isDirectory() || (entry.isSymbolicLink() && !IMAGE_OR_SHARD.test(entry.name))) {
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

function* textsOf(texts: Texts, form: (text: string) => string): Generator<string, void, undefined> {
  for (let i = 0; i < texts.length; i++) yield form(texts.at(i)!);
}
