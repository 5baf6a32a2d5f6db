import type { FileHandle } from "node:fs/promises";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { flushAndRename } from "@csl/internal/files/write-file-atomically";
import { type ShardContent, shardSample } from "./shard-writer-sample.js";

/** What the writer needs of a file system; tests hand in one that fails. */
export type ShardFiles = Pick<typeof nodeFiles, "mkdir" | "open" | "rename" | "rm" | "truncate">;

/** One finished shard. */
export type Shard = { name: string; samples: number; bytes: number };

export type ShardWriterOptions = {
  /** Shards are called `prefix-000000.tar` and so on. Default "shard". */
  prefix?: string;
  /** A shard grows to at most this many bytes (one sample that is larger gets a shard of its own). Default 1 GB. */
  maxBytes?: number;
  /** A shard takes at most this many samples. Default: no limit. */
  maxSamples?: number;
  /** Number of the first shard to write; those before it are left as they are. Default 0. */
  firstShard?: number;
  /** What to keep of an unfinished first shard (`.part`) of an earlier run: its first samples, in bytes. */
  partial?: { bytes: number; samples: number };
  /** Called once a shard has its final name. */
  onShard?: (shard: Shard) => void | Promise<void>;
  files?: ShardFiles;
};

export type ShardWriter = {
  /** Bytes of the unfinished shard so far. */
  readonly bytes: number;
  /** Appends one sample. Keys must differ; the part after the last "/" must not hold a dot (readers cut there). */
  add(key: string, content: ShardContent): Promise<void>;
  /** Finishes the last shard. */
  close(): Promise<void>;
  /** Stops without finishing: whole samples of the unfinished shard stay in its `.part` file, to be continued. */
  suspend(): Promise<void>;
};

/** The name of shard number `number`: `prefix-000000.tar`. */
export function shardName(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(6, "0")}.tar`;
}

/**
 * Writes WebDataset shards: tar archives in which the files of one sample share a name up to the first dot. The same
 * samples in the same order give the same bytes. A shard is written as `.part` and renamed when it is whole, so a name
 * that ends in `.tar` never holds half a shard. One call of `add` at a time.
 *
 * @throws when the disk is full (`.part` then ends with a whole sample), a key is not usable, or a limit is not positive
 * @see https://webdataset.github.io/webdataset
 */
export function createShardWriter(folder: string, options: ShardWriterOptions = {}): ShardWriter {
  checkOptions("createShardWriter", options, {
    prefix: true,
    maxBytes: true,
    maxSamples: true,
    firstShard: true,
    partial: true,
    onShard: true,
    files: true,
  });
  const {
    prefix = "shard",
    maxBytes = 1e9,
    maxSamples = Number.POSITIVE_INFINITY,
    firstShard = 0,
    partial,
    onShard = () => {},
    files = nodeFiles,
  } = options;
  if (!(maxBytes > 0) || !(maxSamples >= 1)) {
    throw new CslError(
      "invalid-argument",
      `createShardWriter: expected positive limits, got maxBytes ${maxBytes} and maxSamples ${maxSamples}.`,
    );
  }
  let number = firstShard;
  let bytes = partial?.bytes ?? 0;
  let samples = partial?.samples ?? 0;
  let file: FileHandle | undefined;
  const partPath = (): string => join(folder, `${shardName(prefix, number)}.part`);

  const explained = (error: unknown): unknown =>
    explainWriteError(error, {
      path: folder,
      speaker: "createShardWriter",
      state: "what is written so far is kept",
    });

  async function append(content: Uint8Array): Promise<void> {
    try {
      if (!file) {
        await files.mkdir(folder, { recursive: true });
        if (bytes > 0) await files.truncate(partPath(), bytes);
        file = await files.open(partPath(), bytes > 0 ? "a" : "w");
      }
      await file.appendFile(content);
    } catch (error) {
      await suspend().catch(() => {});
      throw explained(error);
    }
  }

  async function suspend(): Promise<void> {
    const open = file;
    file = undefined;
    if (!open) return;
    await open.close();
    // Cuts what a failed write left of a sample; making a file shorter needs no room on the disk.
    if (samples > 0) await files.truncate(partPath(), bytes);
    else await files.rm(partPath(), { force: true });
  }

  async function finishShard(): Promise<void> {
    await append(new Uint8Array(1024)); // two zero blocks end an archive
    try {
      const whole = file!;
      file = undefined;
      await flushAndRename(whole, partPath(), join(folder, shardName(prefix, number)), files);
    } catch (error) {
      await suspend().catch(() => {});
      throw explained(error);
    }
    const shard = { name: shardName(prefix, number), samples, bytes: bytes + 1024 };
    number++;
    bytes = 0;
    samples = 0;
    await onShard(shard);
  }

  return {
    get bytes() {
      return bytes;
    },
    async add(key, content) {
      const sample = shardSample(key, content);
      const full = samples >= maxSamples || bytes + sample.length + 1024 > maxBytes;
      if (samples > 0 && full) await finishShard();
      await append(sample);
      bytes += sample.length;
      samples++;
    },
    async close() {
      if (samples > 0) await finishShard();
    },
    suspend,
  };
}
