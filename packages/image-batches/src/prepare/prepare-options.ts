import type * as nodeFiles from "node:fs/promises";
import type { OptionNames } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { Filter } from "@csl/internal/images/resample-table";
import type { Shard, ShardFiles } from "../shards/shard-writer.js";
import type { JournalFiles } from "./prepare-journal.js";
import type { PrepareRanks } from "./prepare-ranks.js";
import type { Turn } from "./shrink-image.js";

/** What `prepareShards` needs of a file system; tests hand in one that fails. */
export type PrepareFiles = ShardFiles & JournalFiles & Pick<typeof nodeFiles, "readdir">;

export type PrepareProgress = {
  /** Images that are done, those of earlier runs included. */
  done: number;
  total: number;
  /** Images that earlier runs have done. */
  kept: number;
  unreadable: number;
  /** Finished shards, and the bytes in them and in the unfinished one. */
  shards: number;
  bytes: number;
};

export type PrepareOptions = {
  /** Pixels of the shorter side; shorter ones stay as they are. Default 256. */
  shortEdge?: number;
  /** JPEG quality, 1 to 100. Default 90, with 4:2:0 chroma. */
  quality?: number;
  /** Default "bilinear". */
  filter?: Filter;
  /** Turn images as EXIF says. Default false, as the reference. */
  autoOrient?: boolean;
  /** Degrees to turn each image by, counter-clockwise, as the image lists of OpenImages state them. Default 0 for all. */
  rotation?: (position: number) => Turn;
  /** Name of the shards: `prefix-000000.tar`. Default "images". */
  prefix?: string;
  /** Limits of one shard. Default 1 GB, any number of samples. */
  maxBytes?: number;
  maxSamples?: number;
  /** The key of a sample from its image's name. Default: the name without its ending. */
  key?: (name: string) => string;
  /** Something to write next to each image as `key.json`, e.g. its labels. */
  json?: (position: number) => unknown;
  /** Threads. Default: all cores; 0 works in-process. */
  workers?: number;
  /** Continue what an earlier run left. Default true; false deletes the earlier shards of this prefix first. */
  resume?: boolean;
  /** Processes that share the work: all call it with the same images and options. Default: this one alone. */
  ranks?: PrepareRanks;
  signal?: AbortSignal;
  onProgress?: (progress: PrepareProgress) => void;
  files?: PrepareFiles;
};

export const prepareOptionNames: OptionNames<PrepareOptions> = {
  shortEdge: true,
  quality: true,
  filter: true,
  autoOrient: true,
  rotation: true,
  prefix: true,
  maxBytes: true,
  maxSamples: true,
  key: true,
  json: true,
  workers: true,
  resume: true,
  ranks: true,
  signal: true,
  onProgress: true,
  files: true,
};

export type PrepareReport = {
  /** All finished shards, those of earlier runs included. */
  shards: Shard[];
  /** Samples in them. */
  samples: number;
  bytes: number;
  /** Images that earlier runs had done. */
  kept: number;
  /** Images that are in no shard, and why; also written to `<prefix>.unreadable.csv`. */
  unreadable: { name: string; reason: string }[];
};

/** @throws naming the option that is out of range */
export function assertOptions({
  shortEdge,
  quality,
  workers,
  prefix,
}: Record<string, number | string>): void {
  const whole = (value: unknown, least: number, most: number): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  const bad = !whole(shortEdge, 1, 65535)
    ? `shortEdge of 1 to 65535 pixels, got ${shortEdge}`
    : !whole(quality, 1, 100)
      ? `quality of 1 to 100, got ${quality}`
      : !whole(workers, 0, 1024)
        ? `number of workers, got ${workers}`
        : !/^[\w-]+$/.test(String(prefix))
          ? `prefix of letters, digits, - and _, got "${prefix}"`
          : undefined;
  if (bad) throw new CslError("invalid-argument", `prepareShards: expected a ${bad}.`);
}
