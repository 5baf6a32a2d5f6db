/**
 * Where the samples of one shard are. Packed, because there are millions: 12 bytes a sample and those of its key, 8
 * more where there are labels.
 */
export type ShardIndex = {
  count: number;
  /** Where each image begins in the shard, in blocks of 512 bytes, [count]. */
  imageBlocks: Uint32Array;
  /** Bytes of each image, [count]. */
  imageLengths: Uint32Array;
  /** The same of each sample's .json or .cls; 0 where there is none. Empty when no sample has one. */
  labelBlocks: Uint32Array;
  /** The top bit says .cls. */
  labelLengths: Uint32Array;
  /** Where each key ends in `keys`, [count]. */
  keyEnds: Uint32Array;
  /** The keys, one after another, UTF-8. */
  keys: Uint8Array;
  /** The ending of an image by its sample, where it is longer than one word: `input.jpg` of `x.input.jpg`. */
  innerEndings: ReadonlyMap<number, string>;
  problems: ShardProblem[];
};

/** Bit of `labelLengths`. */
export const IS_CLS: number = 2 ** 31;

/** The key's bytes, a view. */
export function keyBytes({ keyEnds, keys }: ShardIndex, sample: number): Uint8Array {
  return keys.subarray(sample === 0 ? 0 : keyEnds[sample - 1]!, keyEnds[sample]!);
}

/** What is wrong with a shard. Its whole samples are used all the same. */
export type ShardProblem = {
  shard: string;
  /**
   * "missing": a brace list names it, and it is not there; "cut": it ends in the middle of an entry; "damaged": something
   * that is no tar header; "compressed": no positions to read from; "skipped": entries that are not files, samples
   * without an image or with several; "index": the index next to it could not be used or written; "repeated": keys that more than one
   * sample has.
   */
  kind: "missing" | "cut" | "damaged" | "compressed" | "skipped" | "index" | "repeated";
  /** A sentence. */
  text: string;
  /** Bytes of the shard that hold nothing readable. */
  lostBytes?: number;
};
