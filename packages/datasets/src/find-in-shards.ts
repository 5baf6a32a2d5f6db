import { basename } from "node:path";
import { imageKey, openShards, type ShardSet } from "@csl/image-batches";
import type { LabelTable } from "@csl/labels";
import type { Texts } from "./dataset.js";
import type { FoundImages } from "./find-in-folders.js";

/** Sets that this process has opened: training and validation often lie in the same shards. */
const opened = new Map<string, Promise<ShardSet>>();

/**
 * Images in WebDataset shards, by key. Shards are made by many tools: the key may be the file name below its root
 * (`csl prepare`), the file name alone, or the sample's id; the one that finds the most is taken.
 */
export async function findInShards(
  pattern: string,
  { fileNames, truth }: { fileNames: Texts; truth: LabelTable },
  { tell, progress }: { tell: (line: string) => void; progress: (done: number, total: number) => void },
): Promise<FoundImages> {
  let opening = opened.get(pattern);
  if (!opening) {
    opening = openShards(pattern, { onProgress: ({ shards, of }) => progress(shards, of) });
    opened.set(pattern, opening);
    for (const { text } of (await opening).problems) tell(`warning: ${text}`);
  }
  const shards = await opening;
  const { length } = fileNames;
  const candidates: Texts[] = [
    { length, at: (i) => imageKey(fileNames.at(i)!) },
    { length, at: (i) => imageKey(basename(fileNames.at(i)!)) },
    { length, at: (i) => truth.sampleIds.at(i) },
  ];
  let best: ReturnType<ShardSet["find"]> | undefined;
  for (const keys of candidates) {
    const found = shards.find(keys);
    if (!best || found.found.length > best.found.length) best = found;
    if (found.missing.length === 0) break;
  }
  const { images, found, missing } = best!;
  return { list: images, samples: missing.length === 0 ? undefined : found, missing, where: pattern };
}
