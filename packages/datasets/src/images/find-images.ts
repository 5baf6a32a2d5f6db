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
  if (!isShardPattern(where) && !(await exists(where)))
    throw new CslError(
      "not-found",
      `findImages: expected a folder of images, or shards, at ${where}, which does not exist. Is the path right?`,
    );
  return searchImages(where, fileNames, options);
}

export interface SearchOptions extends FindImagesOptions {
  /** Other paths for images that are not at theirs, tried in order. */
  otherPaths?: readonly ((fileName: string) => string)[] | undefined;
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
    inShards = true,
    open = (shards) => openShards(shards, signal ? { signal } : {}),
    signal,
    onProgress = () => {},
  }: SearchOptions,
): Promise<FoundImages> {
  const byId = match === "openimages-id" ? openImagesIds(ids) : undefined;
  const places = new ImagePlaces(fileNames, byId);
  let shards = [where];
  if (!isShardPattern(where)) {
    shards = byId
      ? await placeById(where, places, { ids: byId, split, signal, onProgress })
      : await placeByPath(where, places, { fileNames, otherPaths, signal });
  }
  const isComplete = places.count === places.length;
  if (isComplete || shards.length === 0 || !inShards) return places.result();
  const set = await open(shards.length === 1 ? shards[0]! : shards);
  placeInShards(set, places, { fileNames, ids, byId });
  return places.result(set);
}

export const isShardPattern = (where: string): boolean => /\.tar$|[{}]/.test(where);

function openImagesIds(ids: FindImagesOptions["ids"]): SampleIds {
  if (!ids)
    throw new CslError(
      "invalid-argument",
      'findImages: expected ids with match "openimages-id", got none. Pass the table\'s sampleIds.',
    );
  return sampleIdsFrom(Array.isArray(ids) ? ids.map((id: string) => parseImageId(id) ?? id) : ids);
}
