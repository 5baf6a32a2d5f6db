import { basename, posix } from "node:path";
import { imageKey, type ShardSet } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";
import type { SampleIds } from "@csl/labels";
import { parseImageId } from "@csl/openimages-loader";
import type { Texts } from "../dataset.js";
import type { ImagePlaces } from "./image-places.js";
import { namedFile } from "./named-file.js";
import { shardNearness, splitNamedIn } from "./shard-splits.js";
import { shortenedPaths } from "./shortened-paths.js";

/**
 * Images in WebDataset shards, by key. Shards are made by many tools: the key may be the path without its ending
 * (`csl prepare`), the file name alone, or the sample's id; the one that finds the most is used. OpenImages ids are found
 * wherever a key holds them.
 *
 * Where shards repeat a key, those that are named like the split are preferred.
 *
 * @param options.ownShards never look into shards that are named like another split.
 * @returns what a person should know.
 * @throws CslError `mismatch` where a sample could be any of several images, or several samples one image.
 */
export async function placeInShards(
  shards: ShardSet,
  places: ImagePlaces,
  {
    fileNames,
    ids,
    byId,
    withoutCommonFolders,
    split,
    ownShards,
  }: {
    fileNames: Texts;
    ids: readonly string[] | SampleIds | undefined;
    byId: SampleIds | undefined;
    withoutCommonFolders: boolean;
    split: string | undefined;
    ownShards: boolean;
  },
): Promise<string[]> {
  const choose = chooser(shards, split, ownShards);
  if (byId) placeByIds(shards, places, byId, choose);
  else await placeByKeys(shards, places, { fileNames, ids, withoutCommonFolders }, choose);
  return choose.note === undefined ? [] : [choose.note];
}

/** Chooses among the positions of one key; -1 where none may be used. */
interface Choose {
  (key: string, positions: readonly number[]): number;
  note: string | undefined;
}

function chooser(shards: ShardSet, split: string | undefined, ownShards: boolean): Choose {
  const nearness = split === undefined ? () => 1 : shardNearness(split);
  const rankOf = new Map<string, number>(shards.shards.map((shard) => [shard, nearness(shard)]));
  const others = shards.shards.filter((shard) => rankOf.get(shard) === 2);
  // A split of another name than train, val, test may be in shards of any name, unless some have its own.
  const tells = split !== undefined && splitNamedIn(split) !== undefined;
  const limit = ownShards && (tells || [...rankOf.values()].includes(0)) ? 1 : 2;
  const choose = (key: string, positions: readonly number[]): number => {
    let best: number[] = [];
    let least = limit;
    for (const position of positions) {
      const rank = rankOf.get(shards.at(position).file)!;
      if (rank < least) [best, least] = [[], rank];
      if (rank === least) best.push(position);
    }
    const [first = -1, ...rest] = best;
    const other = rest.find((position) => !shards.sameImage(first, position));
    if (other === undefined) return first;
    throw new CslError(
      "mismatch",
      `findImages: expected one image with the key ${JSON.stringify(key)}, got different ones in ${shards.at(first).file} and ` +
        `in ${shards.at(other).file}. Give only the shards of one set of images, or make them again with keys that differ ` +
        "(csl prepare takes the path as key).",
    );
  };
  const note =
    limit < 2 && others.length > 0
      ? `not looked for in ${others.length} of ${shards.shards.length} shards, which are named like another split (${basename(others[0]!)})`
      : undefined;
  return Object.assign(choose, { note });
}

function placeByIds(shards: ShardSet, places: ImagePlaces, byId: SampleIds, choose: Choose): void {
  /** Position + 1 of the first key that holds the sample's id, [samples]; and of the others. */
  const first = new Uint32Array(places.length);
  const further = new Map<number, number[]>();
  for (let position = 0; position < shards.length; position++) {
    const id = parseImageId(shards.keys.at(position));
    const sample = id === undefined ? -1 : byId.indexOf(id);
    if (sample < 0 || places.has(sample)) continue;
    if (first[sample] === 0) first[sample] = position + 1;
    else further.set(sample, [...(further.get(sample) ?? []), position]);
  }
  for (let sample = 0; sample < first.length; sample++) {
    if (first[sample] === 0) continue;
    const position = choose(byId.at(sample), [first[sample]! - 1, ...(further.get(sample) ?? [])]);
    if (position >= 0) places.addShard(sample, position);
  }
}

async function placeByKeys(
  shards: ShardSet,
  places: ImagePlaces,
  {
    fileNames,
    ids,
    withoutCommonFolders,
  }: {
    fileNames: Texts;
    ids: readonly string[] | SampleIds | undefined;
    withoutCommonFolders: boolean;
  },
  choose: Choose,
): Promise<void> {
  const find = keyFinder(shards.keys);
  const pathOf = (sample: number): string => namedFile(fileNames.at(sample)!).path;
  const keysOf: ((sample: number) => string)[] = [
    (sample) => imageKey(fileNames.at(sample)!),
    (sample) => imageKey(pathOf(sample)),
    (sample) => imageKey(posix.basename(pathOf(sample))),
    ...(ids ? [(sample: number) => ids.at(sample)!] : []),
  ];
  let best = new Map<number, number>();
  let bestKey = keysOf[0]!;
  const tryKeys = (keyOf: (sample: number) => string): void => {
    const found = new Map<number, number>();
    for (let sample = 0; sample < places.length; sample++) {
      if (places.has(sample)) continue;
      const [first] = find(keyOf(sample), false);
      if (first !== undefined) found.set(sample, first);
    }
    if (found.size > best.size) [best, bestKey] = [found, keyOf];
  };
  for (const keyOf of keysOf) if (best.size < places.length - places.count) tryKeys(keyOf);
  if (withoutCommonFolders && places.count === 0 && best.size === 0) {
    const paths = Array.from({ length: places.length }, (_, sample) => pathOf(sample));
    const shorter = await shortenedPaths("", paths, async (path) => find(imageKey(path), false).length > 0);
    if (shorter) tryKeys((sample) => imageKey(shorter[sample]!));
  }
  const hasRepeats = shards.keys.repeats.count > 0;
  const sampleAt = new Map<number, number>();
  for (const [sample, first] of best) {
    const key = bestKey(sample);
    const position = choose(key, hasRepeats || !isAscii(key) ? find(key, true) : [first]);
    if (position < 0) continue;
    const other = sampleAt.get(position);
    if (other !== undefined && pathOf(other) !== pathOf(sample))
      throw new CslError(
        "mismatch",
        `findImages: expected an image for each of ${fileNames.at(other)} and ${fileNames.at(sample)}, got one, ` +
          `${shards.nameAt(position)}: the keys of these shards leave out folders or endings. ` +
          "Make the shards with the paths as keys (csl prepare does), and give images of one folder names that differ by more than the ending.",
      );
    sampleAt.set(position, sample);
    places.addShard(sample, position);
  }
  for (let sample = 0; sample < places.length; sample++) {
    if (places.has(sample)) continue;
    const { key, positions } = findDotted(pathOf(sample));
    const position = positions.length > 0 ? choose(key, positions) : -1;
    if (position >= 0) places.addShard(sample, position);
  }

  /** `22.01.jpg` is the image of the key 22 in shards of other tools: WebDataset's keys end at the first dot. */
  function findDotted(path: string): { key: string; positions: readonly number[] } {
    const [, folder = "", key = "", ending] = /^((?:.*\/)?)([^/.]+)\.([^/]*\.[^/.]*)$/.exec(path) ?? [];
    for (const place of key === "" ? [] : new Set([folder, ""])) {
      const positions = find(place + key, true).filter((position) => shards.innerEnding(position) === ending);
      if (positions.length > 0) return { key: place + key, positions };
    }
    return { key, positions: [] };
  }
}

const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);

/** The positions of a key, all or the first, whatever the Unicode form of either. */
function keyFinder(keys: ShardSet["keys"]): (key: string, all: boolean) => readonly number[] {
  let normalized: Map<string, number[]> | undefined;
  return (key, all) => {
    const first = keys.indexOf(key);
    if (first >= 0) return all ? keys.positionsOf(key) : [first];
    if (isAscii(key)) return [];
    if (!normalized) {
      normalized = new Map();
      for (let i = 0; i < keys.length; i++) {
        const other = keys.at(i);
        if (isAscii(other)) continue;
        const form = other.normalize("NFC");
        normalized.set(form, [...(normalized.get(form) ?? []), i]);
      }
    }
    return normalized.get(key.normalize("NFC")) ?? [];
  };
}
