import { basename, dirname } from "node:path";

/** The words by which people name splits. */
const words: Readonly<Record<string, string>> = {
  ...{ train: "train", training: "train" },
  ...{ val: "val", valid: "val", validation: "val", dev: "val" },
  ...{ test: "test", testing: "test" },
};

/** The split that a name speaks of, in one of its words: `train` for `coco_train2017-000000`. Undefined for none, and for several. */
export function splitNamedIn(name: string): string | undefined {
  const found = new Set<string>();
  for (const word of name.toLowerCase().split(/[^a-z]+/)) {
    const split = Object.hasOwn(words, word) ? words[word] : undefined;
    if (split) found.add(split);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** How near a shard is to a split: 0 it is named so, 1 its name tells no split, 2 it is named like another one. */
export type Nearness = 0 | 1 | 2;

/** Ranks shards by the split that their file names, else their folders, tell. */
export function shardNearness(split: string): (shard: string) => Nearness {
  const wanted = splitNamedIn(split);
  const ownWord = split.toLowerCase();
  return (shard) => {
    for (const part of [basename(shard), basename(dirname(shard))]) {
      if (
        !wanted &&
        part
          .toLowerCase()
          .split(/[^a-z\d]+/)
          .includes(ownWord)
      )
        return 0;
      const named = splitNamedIn(part);
      if (named !== undefined) return named === wanted ? 0 : 2;
    }
    return 1;
  };
}
