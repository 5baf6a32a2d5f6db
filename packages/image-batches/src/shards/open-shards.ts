import { basename } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { BLOCK } from "@csl/internal/tar/tar-header";
import type { ByteRange, ImageList, Texts } from "../sources/image-list.js";
import { openShard } from "./open-shard.js";
import { sameBytes } from "./same-bytes.js";
import type { ShardProblem } from "./shard-index.js";
import { IS_CLS, type ShardIndex } from "./shard-index.js";
import { type ShardKeys, shardKeys } from "./shard-keys.js";
import { shardPaths } from "./shard-paths.js";

export type OpenShardsOptions = {
  /** Keep an index next to each shard, `<shard>.idx`, and use those that are there. Default true. */
  keepIndex?: boolean;
  signal?: AbortSignal;
  /** Called while shards are indexed: how many are done, and how far the running one is. */
  onProgress?: (progress: {
    shards: number;
    of: number;
    samples: number;
    shard: string;
    bytes: number;
  }) => void;
};

/** A sample's .json or .cls file within its shard. */
type ShardLabel = ByteRange & { kind: "json" | "cls" };

/** The samples of several shards, in the order of the shards. It is a `ImageList` itself. */
export interface ShardSet extends ImageList {
  at(position: number): ByteRange;
  readonly shards: readonly string[];
  readonly keys: ShardKeys;
  /** What is wrong with the shards. The first look compares all keys. */
  readonly problems: readonly ShardProblem[];
  /** The ending of a sample's image where it is longer than one word: `input.jpg` of `x.input.jpg`, else undefined. */
  innerEnding(position: number): string | undefined;
  /** Where a sample's .json or .cls is. */
  labelAt(position: number): ShardLabel | undefined;
  /** Whether two samples have the same image, byte for byte. */
  sameImage(a: number, b: number): boolean;
  /** The images of these keys, in this order. @throws when one is not there, or samples with that key have different images */
  images(keys: Texts): ImageList;
  /**
   * The same for those that are there: positions within `keys` that were found and that are missing.
   *
   * @throws when samples with one of these keys have different images
   */
  find(keys: Texts): { images: ImageList; found: Uint32Array; missing: Uint32Array };
}

/**
 * Opens WebDataset shards: tar archives on a disk in which files of the same name up to the first dot are one sample
 * (jpg, jpeg, png or webp, and json or cls; of `x.input.jpg` and the like where it is the only image). Their headers are read once; an index next to each shard keeps what they
 * say, for as long as the shard's content stays the same. Then every image is read by its position, so that any order
 * costs the same.
 *
 * A shard that is cut in the middle, damaged or missing is named in `problems`; what is whole is used. So are keys that
 * several samples have: such a sample is found by its position, and by its key only when all of that key are one image.
 *
 * @param where a brace list (`train-{000000..000554}.tar`), a folder, a file, or several of these
 * @throws when nothing usable is there, or a file cannot be read
 * @see https://github.com/webdataset/webdataset
 */
export async function openShards(
  where: string | readonly string[],
  options: OpenShardsOptions = {},
): Promise<ShardSet> {
  checkOptions("openShards", options, { keepIndex: true, signal: true, onProgress: true });
  const { keepIndex = true, signal, onProgress = () => {} } = options;
  const patterns = typeof where === "string" ? [where] : where;
  const shards: string[] = [];
  const problems: ShardProblem[] = [];
  for (const pattern of patterns) {
    const { found, missing } = await shardPaths(pattern);
    for (const path of found) shards.push(path);
    for (const shard of missing) problems.push({ shard, kind: "missing", text: `${shard} is not there.` });
  }
  const indexes: ShardIndex[] = [];
  let samples = 0;
  for (const shard of shards) {
    signal?.throwIfAborted();
    const place = { shards: indexes.length, of: shards.length, shard };
    const index = await openShard(shard, {
      keepIndex,
      ...(signal ? { signal } : {}),
      onProgress: (bytes) => onProgress({ ...place, samples, bytes }),
    });
    for (const problem of index.problems) problems.push(problem);
    samples += index.count;
    indexes.push(index);
  }
  if (samples === 0) {
    const first = problems[0]?.text ?? "They hold no .jpg, .jpeg, .png or .webp.";
    throw new CslError(
      "not-found",
      `openShards: expected shards with images, got none from ${patterns.join(", ")}. ${first}`,
    );
  }
  return shardSet(shards, indexes, problems);
}

function shardSet(
  shards: readonly string[],
  indexes: readonly ShardIndex[],
  problems: readonly ShardProblem[],
): ShardSet {
  /** Samples before each shard, [shards + 1]. */
  const starts = new Float64Array(indexes.length + 1);
  indexes.forEach(({ count }, i) => {
    starts[i + 1] = starts[i]! + count;
  });
  const length = starts[indexes.length]!;

  const shardAt = (position: number): number => {
    if (!(position >= 0 && position < length)) {
      throw new CslError(
        "invalid-argument",
        `openShards: expected a position below ${length}, got ${position}.`,
      );
    }
    let [low, high] = [0, indexes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const sampleAt = (position: number): { shard: number; index: ShardIndex; sample: number } => {
    const shard = shardAt(position);
    return { shard, index: indexes[shard]!, sample: position - starts[shard]! };
  };

  const keys = shardKeys(length, sampleAt);
  const at = (position: number): ByteRange => {
    const { shard, index, sample } = sampleAt(position);
    const offset = index.imageBlocks[sample]! * BLOCK;
    return { file: shards[shard]!, offset, length: index.imageLengths[sample]! };
  };
  const nameAt = (position: number): string => `${basename(shards[shardAt(position)]!)}/${keys.at(position)}`;

  const sameImage = (a: number, b: number): boolean => sameBytes(at(a), at(b));
  const positionOf = (key: string): number => {
    const [first = -1, ...others] = keys.positionsOf(key);
    const other = others.find((position) => !sameImage(first, position));
    if (other === undefined) return first;
    throw new CslError(
      "mismatch",
      `openShards: expected one image with the key ${JSON.stringify(key)}, got different ones in ${at(first).file} and in ` +
        `${at(other).file}. Open only the shards of one split, or make the shards again with keys that differ.`,
    );
  };

  const find: ShardSet["find"] = (wanted) => {
    const positions = new Uint32Array(wanted.length);
    const found = new Uint32Array(wanted.length);
    const missing = new Uint32Array(wanted.length);
    let [hits, misses] = [0, 0];
    for (let i = 0; i < wanted.length; i++) {
      const position = positionOf(wanted.at(i) ?? "");
      if (position < 0) missing[misses++] = i;
      else {
        positions[hits] = position;
        found[hits++] = i;
      }
    }
    const image = (i: number): number => {
      if (!(i >= 0 && i < hits))
        throw new CslError("invalid-argument", `openShards: expected a position below ${hits}, got ${i}.`);
      return positions[i]!;
    };
    return {
      images: { length: hits, at: (i) => at(image(i)), nameAt: (i) => nameAt(image(i)) },
      found: found.slice(0, hits),
      missing: missing.slice(0, misses),
    };
  };

  let allProblems: readonly ShardProblem[] | undefined;
  return {
    length,
    shards,
    keys,
    get problems() {
      allProblems ??= [...problems, ...describeRepeats(keys, at)];
      return allProblems;
    },
    at,
    nameAt,
    sameImage,
    innerEnding(position) {
      const { index, sample } = sampleAt(position);
      return index.innerEndings.get(sample);
    },
    labelAt(position) {
      const { shard, index, sample } = sampleAt(position);
      const block = index.labelBlocks[sample] ?? 0;
      if (block === 0) return undefined;
      const bits = index.labelLengths[sample]!;
      const isCls = bits >= IS_CLS;
      return {
        kind: isCls ? "cls" : "json",
        file: shards[shard]!,
        offset: block * BLOCK,
        length: isCls ? bits - IS_CLS : bits,
      };
    },
    find,
    images(wanted) {
      const { images, missing } = find(wanted);
      if (missing.length === 0) return images;
      const names = Array.from(missing.subarray(0, 3), (i) => wanted.at(i)).join(", ");
      throw new CslError(
        "not-found",
        `openShards: expected all ${wanted.length} keys in the shards, got ${missing.length} that are not there: ` +
          `${names}${missing.length > 3 ? ", …" : ""}. find(keys) says which ones are.`,
      );
    },
  };
}

function describeRepeats({ repeats }: ShardKeys, at: (position: number) => ByteRange): ShardProblem[] {
  const { count, examples } = repeats;
  const [first] = examples;
  if (!first) return [];
  const [shard, other] = first.positions.map((position) => at(position).file) as [string, string];
  const keys = examples.map(({ key }) => key).join(", ");
  const where = shard === other ? `twice in ${shard}` : `in ${shard} and in ${other}`;
  const text =
    `${count} samples have the key of another one (${keys}${count > examples.length ? ", …" : ""}): ` +
    `${first.key} is ${where}.`;
  return [{ shard: other, kind: "repeated", text }];
}
