import { basename } from "node:path";
import { imageKey, type ShardSet } from "@csl/image-batches";
import type { SampleIds } from "@csl/labels";
import { parseImageId } from "@csl/openimages-loader";
import type { Texts } from "../dataset.js";
import type { ImagePlaces } from "./image-places.js";

/**
 * Images in WebDataset shards, by key. Shards are made by many tools: the key may be the path without its ending
 * (`csl prepare`), the file name alone, or the sample's id; the one that finds the most is used. OpenImages ids are found
 * wherever a key holds them.
 */
export function placeInShards(
  shards: ShardSet,
  places: ImagePlaces,
  {
    fileNames,
    ids,
    byId,
  }: { fileNames: Texts; ids: readonly string[] | SampleIds | undefined; byId: SampleIds | undefined },
): void {
  if (byId) {
    for (let position = 0; position < shards.length; position++) {
      const id = parseImageId(shards.keys.at(position));
      const sample = id === undefined ? -1 : byId.indexOf(id);
      if (sample >= 0) places.addShard(sample, position);
    }
    return;
  }
  const find = keyFinder(shards.keys);
  const keysOf: ((sample: number) => string)[] = [
    (sample) => imageKey(fileNames.at(sample)!),
    (sample) => imageKey(basename(fileNames.at(sample)!)),
    ...(ids ? [(sample: number) => ids.at(sample)!] : []),
  ];
  let best = new Map<number, number>();
  for (const keyOf of keysOf) {
    const found = new Map<number, number>();
    for (let sample = 0; sample < places.length; sample++) {
      if (places.has(sample)) continue;
      const position = find(keyOf(sample));
      if (position >= 0) found.set(sample, position);
    }
    if (found.size > best.size) best = found;
    if (best.size === places.length - places.count) break;
  }
  for (const [sample, position] of best) places.addShard(sample, position);
}

/** The position of a key, whatever the Unicode form of either; -1 when it is not there. */
function keyFinder(keys: ShardSet["keys"]): (key: string) => number {
  const isAscii = (text: string): boolean => !/[\u0080-\uffff]/.test(text);
  let normalized: Map<string, number> | undefined;
  return (key) => {
    const position = keys.indexOf(key);
    if (position >= 0 || isAscii(key)) return position;
    if (!normalized) {
      normalized = new Map();
      for (let i = 0; i < keys.length; i++) {
        const other = keys.at(i);
        if (!isAscii(other)) normalized.set(other.normalize("NFC"), i);
      }
    }
    return normalized.get(key.normalize("NFC")) ?? -1;
  };
}
