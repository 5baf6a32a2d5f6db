/** What is wrong with a shard. Its whole samples are used all the same. */
export type ShardProblem = {
  shard: string;
  /**
   * "missing": a brace list names it, and it is not there; "cut": it ends in the middle of an entry; "damaged": something
   * that is no tar header; "compressed": no positions to read from; "passed over": entries that are no files, samples
   * without an image; "index": the index beside it could not be used or written.
   */
  kind: "missing" | "cut" | "damaged" | "compressed" | "passed over" | "index";
  /** A sentence. */
  text: string;
  /** Bytes of the shard that hold nothing readable. */
  lostBytes?: number;
};
