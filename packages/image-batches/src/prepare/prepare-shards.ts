import * as nodeFiles from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { type FileLock, lockFile } from "@csl/internal/files/file-lock";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { repeatedTexts } from "@csl/internal/text/repeated-texts";
import { mapInOrder } from "@csl/internal/work/job-queue";
import sharp from "sharp";
import { createShardWriter, shardName } from "../shards/shard-writer.js";
import { isShardKey } from "../shards/shard-writer-sample.js";
import { type ImageList, toImageList } from "../sources/image-list.js";
import { createInProcessPool } from "../workers/in-process-pool.js";
import { createWorkerPool } from "../workers/worker-pool.js";
import { findWorkerProgram } from "../workers/worker-program.js";
import {
  type Continuation,
  continuation,
  deleteShards,
  isShardFile,
  refuseOthers,
  refuseOwnInput,
} from "./earlier-run.js";
import { imageKey } from "./image-key.js";
import {
  hashNames,
  PrepareJournal,
  type PrepareSetting,
  refuseOtherList,
  writeUnreadable,
} from "./prepare-journal.js";
import {
  assertOptions,
  type PrepareOptions,
  type PrepareReport,
  prepareOptionNames,
} from "./prepare-options.js";
import { SharedPreparing } from "./prepare-ranks.js";
import type { ShrunkImage } from "./shrink-image.js";

const STATE = "what is written so far is kept, and the same call continues";

/**
 * Makes training images of any size and format into WebDataset shards of small JPEGs: decode → shorter side to
 * `shortEdge` (Pillow's resize, aspect kept) → JPEG → shard. Small JPEGs are taken byte for byte. Images that cannot
 * be read are listed and left out.
 *
 * Order and bytes depend only on the images and the options. A run that was stopped in any way (Ctrl-C, kill, full
 * disk) continues where it was when it is called again, and ends with the same bytes as an undisturbed one.
 *
 * Several processes share the work by `ranks`: each reads and shrinks its part of the images, and rank 0 alone writes, with
 * the same bytes and the same files beside them. All return its report. A run may be continued by another number of them.
 *
 * @throws CslError `invalid-argument` when two images have one key; `in-use` when another run is at work in the folder;
 *   `mismatch` when an earlier run had other options; `already-exists` when shards or lists of unknown origin are there;
 *   `cannot-write` when the disk is full; `cannot-read` when no image can be read; `failed` when another rank could not
 *   go on; the signal's reason when aborted. What is done stays usable in each case.
 */
export async function prepareShards(
  images: readonly string[] | ImageList,
  folder: string,
  options: PrepareOptions = {},
): Promise<PrepareReport> {
  checkOptions("prepareShards", options, prepareOptionNames);
  const { ranks, signal } = options;
  const shared = ranks && ranks.size > 1 ? new SharedPreparing(ranks, signal) : undefined;
  try {
    return await prepare(images, folder, options, shared);
  } catch (error) {
    await shared?.leave();
    throw error;
  }
}

async function prepare(
  images: readonly string[] | ImageList,
  folder: string,
  options: PrepareOptions,
  shared: SharedPreparing | undefined,
): Promise<PrepareReport> {
  const {
    shortEdge = 256,
    quality = 90,
    filter = "bilinear",
    autoOrient = false,
    rotation = () => 0,
    prefix = "images",
    maxBytes = 1e9,
    maxSamples = Number.POSITIVE_INFINITY,
    key = imageKey,
    json,
    workers = availableParallelism(),
    resume = true,
    ranks,
    signal,
    onProgress = () => {},
    files = nodeFiles,
  } = options;
  assertOptions({ shortEdge, quality, workers, prefix });
  const list = toImageList(images);
  const total = list.length;
  // An array of paths has no root folder: only the file's own name counts.
  const nameAt = "nameAt" in images ? (i: number) => list.nameAt(i) : (i: number) => basename(list.nameAt(i));
  const keyAt = (position: number): string => key(nameAt(position));
  assertKeys(total, keyAt, nameAt);
  signal?.throwIfAborted();

  const setting: PrepareSetting = {
    ...{ shortEdge, quality, filter, autoOrient, prefix, maxBytes },
    maxSamples: Number.isFinite(maxSamples) ? maxSamples : null,
    json: json !== undefined,
    images: total,
    // The names, and what else is asked for each image.
    names: hashNames(total, (at) => JSON.stringify([nameAt(at), keyAt(at), rotation(at)])),
    encoder: `libvips ${sharp.versions.vips}`,
  };
  await shared?.meet(setting);
  const program = workers > 0 ? findWorkerProgram() : undefined;
  const threads = program ? Math.min(workers, total) : 0;
  const pool = program
    ? // A data set of millions may have many images that end a thread: only threads that do nothing else count.
      createWorkerPool(threads, {
        program,
        speaker: "prepareShards",
        maxDeaths: threads + 4,
        count: "in a row",
      })
    : createInProcessPool();
  const window = Math.max(4, 4 * threads);
  const shrink = (position: number): Promise<ShrunkImage> =>
    pool.run(
      {
        ...{ kind: "shrink", source: list.at(position) },
        options: { shortEdge, quality, filter, autoOrient, turn: rotation(position) },
      },
      0,
    );
  let suspend = async (): Promise<void> => {};
  let lock: FileLock | undefined;
  try {
    if (shared && ranks!.rank > 0) {
      for await (const _ of shared.rounds(await shared.begin(0), total, { window, shrink }));
      return await shared.finish<PrepareReport>(undefined);
    }
    await files.mkdir(folder, { recursive: true });
    lock = await lockFile(join(folder, `${prefix}.lock`), { speaker: "prepareShards", files });
    await refuseOwnInput(list, folder, prefix);
    await removeTemporaryFiles(folder, { alone: true, files });
    const journal = new PrepareJournal(folder, prefix, files);
    const unreadablePath = join(folder, `${prefix}.unreadable.csv`);
    await refuseOtherList(unreadablePath, files);
    const own = (await journal.shards()).filter((name) => isShardFile(name, prefix));
    const before = resume ? await journal.read(setting) : undefined;
    const { shards, unreadable } = before ?? { shards: [], unreadable: [] };
    const continued = (path: string): Promise<Continuation> =>
      continuation(path, {
        ...{ next: shards.at(-1)?.next ?? 0, total, keyAt, unreadable, files },
        endings: json ? ["jpg", "json"] : ["jpg"],
      });
    const isWritten = async (path: string): Promise<boolean> =>
      before !== undefined && (await continued(path)).partial.samples > 0;
    await refuseOthers(folder, prefix, { own, isWritten, files });
    if (!before) await deleteShards(folder, [...own, shardName(prefix, own.length)], files);
    else await deleteShards(folder, own.slice(shards.length), files);
    const start = await continued(join(folder, `${shardName(prefix, shards.length)}.part`));
    const known = unreadable.filter(({ position }) => position < start.position);
    await journal.start(setting, { shards, unreadable: known });

    let next = start.position; // the first image that is not in a finished shard once the running one is
    let finished = shards.reduce((sum, { bytes }) => sum + bytes, 0);
    const writer = createShardWriter(folder, {
      ...{ prefix, maxBytes, maxSamples, files },
      firstShard: shards.length,
      partial: start.partial,
      async onShard(shard) {
        const entry = { ...shard, next };
        shards.push(entry);
        finished += shard.bytes;
        await journal.add({ shard: entry });
      },
    });
    suspend = writer.suspend;
    await shared?.begin(start.position);
    const shrunken = shared
      ? shared.rounds(start.position, total, { window, shrink })
      : mapInOrder(start.position, total, window, shrink);
    for await (const [position, shrunk] of shrunken) {
      signal?.throwIfAborted();
      lock.assertHeld();
      next = position;
      if ("unreadable" in shrunk) {
        const entry = { position, name: nameAt(position), reason: shrunk.unreadable };
        known.push(entry);
        await journal.add({ unreadable: entry });
      } else {
        await writer.add(keyAt(position), {
          jpg: shrunk.jpg,
          ...(json && { json: json(position) ?? null }),
        });
      }
      onProgress({
        ...{ done: position + 1, total, kept: start.position, unreadable: known.length },
        ...{ shards: shards.length, bytes: finished + writer.bytes },
      });
    }
    next = total;
    await writer.close();
    await writeUnreadable(unreadablePath, known, files);
    if (shards.length === 0) throw nothingReadable(total, known);
    const report: PrepareReport = {
      shards: shards.map(({ name, samples, bytes }) => ({ name, samples, bytes })),
      samples: shards.reduce((sum, { samples }) => sum + samples, 0),
      bytes: finished,
      kept: start.position,
      unreadable: known.map(({ name, reason }) => ({ name, reason })),
    };
    return shared ? await shared.finish(report) : report;
  } catch (error) {
    throw explainWriteError(error, { path: folder, speaker: "prepareShards", state: STATE });
  } finally {
    await suspend().catch(() => {}); // an earlier error says more
    await lock?.release().catch(() => {});
    await pool.close(new CslError("closed", "prepareShards: it has ended."));
  }
}

function assertKeys(
  total: number,
  keyAt: (position: number) => string,
  nameAt: (position: number) => string,
): void {
  if (total === 0)
    throw new CslError("invalid-argument", "prepareShards: expected at least one image, got none.");
  for (let position = 0; position < total; position++) {
    if (isShardKey(keyAt(position))) continue;
    throw new CslError(
      "invalid-argument",
      `prepareShards: expected keys like "train/0001" (no dot in the last part, not absolute), got "${keyAt(position)}" ` +
        `for image ${position}, ${nameAt(position)}. Rename it, or pass key.`,
    );
  }
  const repeated = repeatedTexts(total, keyAt);
  if (repeated.length === 0) return;
  throw new CslError(
    "invalid-argument",
    `prepareShards: expected one image per key, got several for ${repeated.join(", ")}. ` +
      "Rename the images, or pass key so that keys differ.",
  );
}

function nothingReadable(total: number, [first]: readonly { name: string; reason: string }[]): CslError {
  return new CslError(
    "cannot-read",
    `prepareShards: expected images, but none of ${total} could be read; the first: ` +
      `${first?.name}: ${first?.reason}. Check the folder and the paths.`,
  );
}
