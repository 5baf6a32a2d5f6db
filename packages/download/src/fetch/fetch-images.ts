import { setMaxListeners } from "node:events";
import { join, resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import type { FileLock } from "@csl/internal/files/file-lock";
import { JobQueue } from "@csl/internal/work/job-queue";
import { lockIfWritable } from "../files.js";
import { checkFile } from "./check-file.js";
import { download } from "./download.js";
import { type FetchOptions, fetchOptionNames, sharedOptions } from "./fetch-options.js";
import {
  agreeToBegin,
  type FetchRanks,
  fetchTogether,
  gatherValues,
  isOwn,
  ownParallel,
} from "./fetch-ranks.js";
import { FolderListing } from "./folder-listing.js";
import { type MissingImage, MissingList } from "./missing-list.js";

/** One image to fetch. */
export type ImageItem = {
  id: string;
  url: string;
  /** Where it goes, below `folder`. */
  path: string;
  /** MD5 of what the address serves, base64 or hexadecimal. */
  md5?: string | undefined;
  size?: number | undefined;
};

export type FetchProgress = {
  /** Images fetched in this run. */
  done: number;
  /** Images that were there already. */
  skipped: number;
  missing: number;
  /** Of all images, when known. */
  total: number | undefined;
  /** Bytes received in this run. */
  bytes: number;
  /** Images fetched per second in this run. */
  rate: number;
};

export type FetchImagesOptions = FetchOptions & {
  /** Paths are below this folder; missing.csv is written into it. Default: paths as they are, and no missing.csv. */
  folder?: string;
  /** Images in flight, on all ranks together. Default 16. */
  parallel?: number;
  /** How many images there are, when `items` does not say. */
  total?: number;
  /** Ask again for images of which an earlier run learned that they are not there. Default false. */
  retryMissing?: boolean;
  /** Check the images that are there already, and fetch those again that are not whole. Default false. */
  recheck?: boolean;
  /** Stop when so many images in a row failed because there was no connection. Default 64. */
  giveUpAfter?: number;
  /** Processes that fetch the list together: all call it with the same items and options. Default: this one alone. */
  ranks?: FetchRanks;
  onProgress?: (progress: FetchProgress) => void;
};

export type FetchReport = {
  done: number;
  skipped: number;
  missing: MissingImage[];
  /** Bytes received, repeated attempts included. */
  bytes: number;
};

/**
 * Fetches images over HTTP(S), many at a time: attempts with growing pauses, `Retry-After` obeyed by all of them,
 * broken bodies continued, lengths, checksums and the form of an image checked, each file under its name only when
 * whole. An image that cannot be fetched is listed (in the report and in missing.csv) and never stops the others.
 * Images that are there are skipped, so the same call continues after any interruption.
 *
 * Several processes share the work by `ranks`: each fetches its part of the images into the one folder. Rank 0 returns the
 * report of all and writes missing.csv, the others return their own. Another number of them may continue.
 *
 * @throws CslError `cannot-write` when the disk is full, `network` when `giveUpAfter` images in a row failed because
 *   there was no connection, `in-use` when another run is at work in the folder; `failed` when another rank could
 *   not go on; the signal's reason when aborted
 */
export async function fetchImages(
  items: Iterable<ImageItem> | AsyncIterable<ImageItem>,
  options: FetchImagesOptions = {},
): Promise<FetchReport> {
  checkOptions("fetchImages", options, {
    ...fetchOptionNames,
    folder: true,
    parallel: true,
    total: true,
    retryMissing: true,
    recheck: true,
    giveUpAfter: true,
    ranks: true,
    onProgress: true,
  });
  const {
    folder,
    parallel = 16,
    total = Array.isArray(items) ? items.length : undefined,
    retryMissing = false,
    recheck = false,
    giveUpAfter = 64,
    ranks,
    signal,
    onProgress = () => {},
    ...rest
  } = options;
  const shared = sharedOptions("fetchImages", rest);
  const { files, clock } = shared;
  const together = ranks && ranks.size > 1 ? ranks : undefined;
  const rank = together?.rank ?? 0;
  const missingList = new MissingList(folder, files, rank);
  let lock: FileLock | undefined;
  try {
    if (!Number.isInteger(parallel) || parallel < 1)
      throw new CslError(
        "invalid-argument",
        `fetchImages: expected a number of images to fetch at the same time, got ${parallel}.`,
      );
    signal?.throwIfAborted();
    await missingList.read(); // before the lock: a file that is not ours is refused and nothing is changed
    if (folder !== undefined && rank === 0)
      lock = await lockIfWritable(join(resolve(folder), ".fetch.lock"), { speaker: "fetchImages", files });
    await missingList.read(); // again: another run may have ended in between
  } catch (error) {
    if (together) await agreeToBegin(together, false).catch(() => {});
    throw error;
  }
  if (together)
    await agreeToBegin(together, true).catch(async (error) => {
      await lock?.release();
      throw error;
    });
  const started = clock.now();
  const there = new FolderListing(files);
  if (folder !== undefined) await there.tidy(resolve(folder));
  /** Of the other ranks, so far as they have told. */
  let others = { done: 0, skipped: 0, missing: 0, bytes: 0 };
  const report: FetchReport = { done: 0, skipped: 0, missing: [], bytes: 0 };
  const inProgress = new Set<string>();
  let failedInARow = 0;
  const onBytes = (bytes: number): void => {
    report.bytes += bytes;
  };

  /** Ends the requests in flight: on the caller's signal, and after a failure. */
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // each request has one
  const onAbort = (): void => stop.abort(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });

  async function fetchOne({ id, url, md5, size, path: name }: ImageItem): Promise<void> {
    const path = folder === undefined ? name : resolve(folder, name);
    const expected = { size, md5: [md5], image: true };
    if (inProgress.has(path)) return void report.skipped++;
    inProgress.add(path);
    try {
      if ((await there.has(path)) && !(recheck && (await checkFile(path, expected, files)))) {
        missingList.delete(id);
        return void report.skipped++;
      }
      const known = retryMissing ? undefined : missingList.final(id, url);
      if (known) return void report.missing.push({ id, url, reason: known.reason });
      const result = await download(url, path, expected, { ...shared, signal: stop.signal, onBytes });
      if ("bytes" in result) {
        await there.add(path);
        missingList.delete(id);
        failedInARow = 0;
        report.done++;
        return;
      }
      const { reason, again, cause } = result.failure;
      report.missing.push({ id, url, reason });
      await missingList.add({ id, url, reason, again });
      failedInARow = again ? failedInARow + 1 : 0;
      if (failedInARow < giveUpAfter) return;
      throw new CslError(
        "network",
        `fetchImages: the last ${failedInARow} images failed one after another (${reason}). ` +
          `Is there a connection, and is the address right (${url})? ${report.done} images have come; ` +
          "run the same again to continue.",
        { cause },
      );
    } finally {
      inProgress.delete(path);
    }
  }

  async function fetchAndTell(item: ImageItem): Promise<void> {
    try {
      stop.signal.throwIfAborted();
      lock?.assertHeld();
      await fetchOne(item);
      const seconds = Math.max(1e-3, (clock.now() - started) / 1000);
      const done = report.done + others.done;
      onProgress({
        ...{
          done,
          skipped: report.skipped + others.skipped,
          missing: report.missing.length + others.missing,
        },
        ...{ total, bytes: report.bytes + others.bytes, rate: done / seconds },
      });
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  }

  const queue = new JobQueue(together ? ownParallel(parallel, together) : parallel);
  let failure: { error: unknown } | undefined;
  async function fetchAll(): Promise<void> {
    try {
      for await (const item of items)
        if (!together || isOwn(item.path, together)) await queue.add(() => fetchAndTell(item));
      await queue.finish();
    } catch (error) {
      failure = { error };
      stop.abort(error);
      await queue.settle();
    }
  }
  try {
    if (together) {
      await fetchTogether(together, fetchAll(), {
        state: () => ({
          failed: failure !== undefined && !signal?.aborted,
          stopped: signal?.aborted === true,
        }),
        counts: () => [report.done, report.skipped, report.missing.length, report.bytes],
        stop: (reason) => stop.abort(reason),
        onCounts: ([done = 0, skipped = 0, missing = 0, bytes = 0]) => {
          others = { done, skipped, missing, bytes };
        },
      });
      await mergeRanks(together, report, missingList);
    } else await fetchAll();
  } catch (error) {
    failure ??= { error };
  }
  signal?.removeEventListener("abort", onAbort);
  // A full disk may refuse this list, too; then the first error says more.
  await missingList.close().catch((error: unknown) => (failure ??= { error }));
  await lock?.release();
  if (failure) throw failure.error;
  return report;
}

/** What the other ranks have fetched and missed becomes rank 0's. */
async function mergeRanks(ranks: FetchRanks, report: FetchReport, list: MissingList): Promise<void> {
  const { changes } = list;
  for (const [rank, other] of ((await gatherValues(ranks, { report, changes })) ?? []).entries()) {
    if (rank === 0) continue;
    list.take(other.changes);
    report.done += other.report.done;
    report.skipped += other.report.skipped;
    report.bytes += other.report.bytes;
    report.missing.push(...other.report.missing);
  }
}
