import { opendir } from "node:fs/promises";
import { join, relative } from "node:path";
import { type ImageList, type ImageSource, openShards, type ShardSet } from "@csl/image-batches";
import { type SampleIds, sampleIdsFrom } from "@csl/labels";
import { imageId } from "./image-id.js";
import { type ImageNames, namesBy } from "./image-names.js";

export interface FindImagesOptions {
  /** Look only below this folder of `root`, where it exists: the same id is never in two splits, but it is faster. */
  split?: string;
  signal?: AbortSignal;
  /** Called every so often: folders and files seen, images found. */
  onProgress?: (progress: { folders: number; files: number; found: number }) => void;
}

export interface FoundImages {
  /** Positions in `ids` whose images are there, and whose are not; ascending. */
  readonly found: Uint32Array;
  readonly missing: Uint32Array;
  /** [found], for `createImageLoader`. */
  readonly images: ImageList;
  /** [found], paths below `root`, or shard and key. */
  readonly fileNames: ImageNames;
  /** What is wrong with shards, in words. */
  readonly problems: readonly string[];
}

const IMAGE = /\.(jpe?g|png|webp)$/i;
/** `root/split/0a/ID.jpg` and one more. */
const DEPTH = 4;
const NOWHERE = 0xffffffff;

/**
 * Finds images by their ids below a folder, however they are arranged: all in one, by split, in 16 or 256 folders by
 * prefix, as `.jpg` or `.jpeg`, in upper or lower case, or in WebDataset shards (`.tar`). Every folder is listed once;
 * nine million ids take 8 bytes each. `root` may be a brace list of shards, too (`train-{000000..000554}.tar`).
 *
 * @throws when `root` is not there, or is not readable.
 */
export async function findImages(
  root: string,
  ids: readonly string[] | SampleIds,
  { split, signal, onProgress = () => {} }: FindImagesOptions = {},
): Promise<FoundImages> {
  const wanted = sampleIdsFrom(Array.isArray(ids) ? ids.map((id: string) => imageId(id) ?? id) : ids);
  const places = new Places(wanted);
  const shards = /[{}]|\.tar$/.test(root) ? [root] : [];
  if (shards.length === 0) {
    const start = split !== undefined && (await isFolder(join(root, split))) ? join(root, split) : root;
    shards.push(...(await listImages(start, places, { onProgress, ...(signal ? { signal } : {}) })));
  }
  let set: ShardSet | undefined;
  if (shards.length > 0 && places.count < wanted.length) {
    set = await openShards(shards, signal ? { signal } : {});
    for (let position = 0; position < set.length; position++) {
      const id = imageId(set.keys.at(position));
      if (id) places.addShard(id, position);
    }
  }
  return places.result(root, set);
}

/** Lists a folder and those below it; returns the shards that lie there. */
async function listImages(
  start: string,
  places: Places,
  { signal, onProgress }: Required<Pick<FindImagesOptions, "onProgress">> & Pick<FindImagesOptions, "signal">,
): Promise<string[]> {
  const shards: string[] = [];
  const progress = { folders: 0, files: 0, found: 0 };
  const pending: { path: string; depth: number }[] = [{ path: start, depth: 1 }];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    signal?.throwIfAborted();
    const number = places.addFolder(folder.path);
    let entries: Awaited<ReturnType<typeof opendir>>;
    try {
      entries = await opendir(folder.path, { bufferSize: 1024 });
    } catch (cause) {
      const { code = "error" } = cause as NodeJS.ErrnoException;
      throw new Error(
        `findImages: expected a folder of images at ${folder.path}, got ${code}. Is the path right?`,
        {
          cause,
        },
      );
    }
    for await (const entry of entries) {
      if (entry.isDirectory()) {
        if (folder.depth < DEPTH)
          pending.push({ path: join(folder.path, entry.name), depth: folder.depth + 1 });
        continue;
      }
      if (++progress.files % 100_000 === 0) {
        signal?.throwIfAborted();
        onProgress({ ...progress, found: places.count });
      }
      if (entry.name.endsWith(".tar")) shards.push(join(folder.path, entry.name));
      else if (IMAGE.test(entry.name)) places.addFile(number, entry.name);
    }
    progress.folders++;
  }
  onProgress({ ...progress, found: places.count });
  return shards.sort();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    await (await opendir(path)).close();
    return true;
  } catch {
    return false;
  }
}

/** Where every wanted image is: a folder and an ending, or a position in the shards. 8 bytes an id. */
class Places {
  count = 0;
  readonly #ids: SampleIds;
  readonly #folders: string[] = [];
  readonly #folderOf: Uint32Array;
  /** Of the file's ending in `#endings`, or the position in the shards. */
  readonly #where: Uint32Array;
  readonly #endings: string[] = [];
  /** Names that are not the id and an ending: upper case. */
  readonly #odd: Map<number, string> = new Map();

  constructor(ids: SampleIds) {
    this.#ids = ids;
    this.#folderOf = new Uint32Array(ids.length).fill(NOWHERE);
    this.#where = new Uint32Array(ids.length);
  }

  addFolder(path: string): number {
    return this.#folders.push(path) - 1;
  }

  addFile(folder: number, name: string): void {
    const id = imageId(name);
    const index = id === undefined ? -1 : this.#ids.indexOf(id);
    if (index < 0 || this.#folderOf[index] !== NOWHERE) return;
    const ending = name.slice(16);
    let number = this.#endings.indexOf(ending);
    if (number < 0) number = this.#endings.push(ending) - 1;
    this.#folderOf[index] = folder;
    this.#where[index] = number;
    if (!name.startsWith(id!)) this.#odd.set(index, name);
    this.count++;
  }

  addShard(id: string, position: number): void {
    const index = this.#ids.indexOf(id);
    if (index < 0 || this.#folderOf[index] !== NOWHERE) return;
    // One beyond the folders stands for the shards.
    this.#folderOf[index] = this.#folders.length;
    this.#where[index] = position;
    this.count++;
  }

  result(root: string, set: ShardSet | undefined): FoundImages {
    const found = new Uint32Array(this.count);
    const missing = new Uint32Array(this.#ids.length - this.count);
    for (let i = 0, hits = 0, misses = 0; i < this.#ids.length; i++) {
      if (this.#folderOf[i] === NOWHERE) missing[misses++] = i;
      else found[hits++] = i;
    }
    const at = (position: number): ImageSource => {
      const index = found[position]!;
      const folder = this.#folders[this.#folderOf[index]!];
      if (folder === undefined) return set!.at(this.#where[index]!);
      const name = this.#odd.get(index) ?? `${this.#ids.at(index)}${this.#endings[this.#where[index]!]}`;
      return join(folder, name);
    };
    const fileNames = namesBy(found.length, (position) => {
      const image = at(position);
      if (typeof image === "string") return relative(root, image).replaceAll("\\", "/");
      return set!.nameOf(this.#where[found[position]!]!);
    });
    const inRange = (position: number): number => {
      fileNames.at(position);
      return position;
    };
    return {
      found,
      missing,
      fileNames,
      images: {
        length: found.length,
        at: (position) => at(inRange(position)),
        nameOf: (p) => fileNames.at(p),
      },
      problems: set?.problems.map(({ text }) => text) ?? [],
    };
  }
}
