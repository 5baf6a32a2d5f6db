import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { openShards, type ShardSet } from "@csl/image-batches";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type SampleIds, sampleIdsFrom } from "@csl/labels";
import { parseImageId } from "@csl/openimages-loader";
import type { Texts } from "../dataset.js";
import { exists } from "../kinds/split-files.js";
import { type FoundImages, ImagePlaces } from "./image-places.js";
import { placeById, placeByPath } from "./search-folders.js";
import { placeInShards } from "./search-shards.js";

export interface FindImagesOptions {
  /** Ids of the samples. Shards may have them as keys. */
  ids?: readonly string[] | SampleIds;
  /**
   * `path`: an image is where its path says, or in a shard under its path, its name or its id. `openimages-id`: its name
   * holds its id of 16 hexadecimal digits (`ids`), in whatever folder, in upper or lower case. Default "path".
   */
  match?: "path" | "openimages-id";
  /** With `openimages-id`: look only in this folder of the root, where it exists. Faster; ids are in one split only. */
  split?: string;
  signal?: AbortSignal;
  /** Called every so often while folders are listed by id: folders and files seen, images found. */
  onProgress?: (progress: { folders: number; files: number; found: number }) => void;
}

/**
 * Finds the images of samples below a folder or in WebDataset shards. Each folder is listed once, instead of asking for
 * every file. Names are compared in Unicode's normal form C: an é that the labels write as one character is found where
 * the disk has two, and the reverse. Where files are missing, the shards (`.tar`) in the folder are searched as well.
 *
 * @param where a folder, or shards: a tar, a brace list of tars (`train-{000000..000554}.tar`).
 * @param fileNames path of every sample's image, "/" between the parts; relative to the folder, or absolute.
 * @throws CslError `not-found` when `where` is not there; `cannot-read` when a folder cannot be listed.
 */
export async function findImages(
  where: string,
  fileNames: Texts,
  options: FindImagesOptions = {},
): Promise<FoundImages> {
  checkOptions("findImages", options, {
    ids: true,
    match: true,
    split: true,
    signal: true,
    onProgress: true,
  });
  if (!(await isShards(where)) && !(await exists(where)))
    throw new CslError(
      "not-found",
      `findImages: expected a folder of images, or shards, at ${where}, which does not exist. Is the path right?`,
    );
  return searchImages(where, fileNames, { ...options, withoutCommonFolders: true });
}

export interface SearchOptions extends FindImagesOptions {
  /** Other paths for images that are not at theirs, tried in order. */
  otherPaths?: readonly ((fileName: string) => string)[] | undefined;
  /** When none is found, try names without the folders that all of them begin with. Default false. */
  withoutCommonFolders?: boolean;
  /** The split whose shards are preferred where several have a key; with `ownShards`, those of others are left alone. */
  shardSplit?: string;
  /** Default false. */
  ownShards?: boolean;
  /** Whether shards in the folder count. Default true. */
  inShards?: boolean;
  /** Opens shards; for callers that keep open sets. */
  open?: (shards: string | readonly string[]) => Promise<ShardSet>;
}

/** The search itself: a folder that is not there holds no image. */
export async function searchImages(
  where: string,
  fileNames: Texts,
  {
    ids,
    match = "path",
    split,
    otherPaths = [],
    withoutCommonFolders = false,
    shardSplit,
    ownShards = false,
    inShards = true,
    open = (shards) => openShards(shards, signal ? { signal } : {}),
    signal,
    onProgress = () => {},
  }: SearchOptions,
): Promise<FoundImages> {
  const byId = match === "openimages-id" ? openImagesIds(ids) : undefined;
  const places = new ImagePlaces(fileNames, byId);
  let shards = [where];
  let notes: string[] = [];
  if (!(await isShards(where))) {
    if (byId) shards = await placeById(where, places, { ids: byId, split, signal, onProgress });
    else
      ({ shards, notes } = await placeByPath(where, places, {
        ...{ fileNames, otherPaths, withoutCommonFolders, signal },
      }));
  }
  const isComplete = places.count === places.length;
  if (isComplete || shards.length === 0 || !inShards) return places.result(notes);
  const set = await open(shards.length === 1 ? shards[0]! : shards);
  const more = await placeInShards(set, places, {
    ...{ fileNames, ids, byId, withoutCommonFolders, ownShards },
    split: shardSplit,
  });
  return places.result([...notes, ...more], set);
}

/**
 * Whether a place means shards: a tar, or a brace list of them. A folder that is there is none, whatever signs its name
 * has, and so is what is below it.
 */
export async function isShards(where: string): Promise<boolean> {
  const found = await stat(where).catch(() => undefined);
  if (found) return !found.isDirectory() && where.endsWith(".tar");
  if (where.endsWith(".tar")) return true;
  let there = where;
  while (there.includes("{") && !(await exists(there))) there = dirname(there);
  return /[{}]/.test(where.slice(there.length));
}

function openImagesIds(ids: FindImagesOptions["ids"]): SampleIds {
  if (!ids)
    throw new CslError(
      "invalid-argument",
      'findImages: expected ids with match "openimages-id", got none. Pass the table\'s sampleIds.',
    );
  return sampleIdsFrom(Array.isArray(ids) ? ids.map((id: string) => parseImageId(id) ?? id) : ids);
}
