import { join, resolve } from "node:path";
import { checkFile } from "./check-file.js";
import { claim } from "./claim.js";
import { download } from "./download.js";
import { FetchFailure } from "./fetch-failure.js";
import { type FetchOptions, sharedOptions } from "./fetch-options.js";
import { FolderListing } from "./folder-listing.js";
import { type MissingImage, MissingList } from "./missing-list.js";
import { oneAtATime } from "./one-at-a-time.js";

/** One image to fetch. */
export type ImageItem = {
  id: string;
  url: string;
  /** Where it goes, below `folder`. */
  path: string;
  /** MD5 of what the address serves, base64 or hexadecimal. OpenImages' OriginalMD5 is that of the Flickr original. */
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
  /** Images in flight. Default 16. */
  parallel?: number;
  /** How many images there are, when `items` does not say. */
  total?: number;
  /** Ask again for images that an earlier run was told are not there. Default false. */
  retryMissing?: boolean;
  /** Look into the images that are there already, and fetch those anew that are not whole. Default false. */
  recheck?: boolean;
  /** Give up when so many images in a row failed for want of a connection. Default 64. */
  giveUpAfter?: number;
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
 * whole. An image that cannot be had is listed (in the report and in missing.csv) and never stops the others. Images
 * that are there are skipped, so the same call continues after anything.
 *
 * @throws when the disk is full, when `giveUpAfter` images in a row failed for want of a connection, or when another
 *   run is at work in the folder, with the way out; the signal's reason when aborted
 */
export async function fetchImages(
  items: Iterable<ImageItem> | AsyncIterable<ImageItem>,
  {
    folder,
    parallel = 16,
    total = Array.isArray(items) ? items.length : undefined,
    retryMissing = false,
    recheck = false,
    giveUpAfter = 64,
    signal,
    onProgress = () => {},
    ...rest
  }: FetchImagesOptions = {},
): Promise<FetchReport> {
  const options = sharedOptions(rest);
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new RangeError(`fetchImages: expected a number of images in flight, got ${parallel}.`);
  signal?.throwIfAborted();
  const { files, clock } = options;
  const release =
    folder === undefined
      ? undefined
      : await claim(join(resolve(folder), ".fetching"), { speaker: "fetchImages", files, clock });
  const started = clock.now();
  const there = new FolderListing(files);
  const missingList = new MissingList(folder === undefined ? undefined : join(folder, "missing.csv"), files);
  await missingList.read();
  const report: FetchReport = { done: 0, skipped: 0, missing: [], bytes: 0 };
  const underWay = new Set<string>();
  let failedInARow = 0;

  // One controller per lane: a signal with a listener per request in flight would draw warnings from Node.
  const lanes = Array.from({ length: parallel }, () => new AbortController());
  const stopAll = (reason: unknown): void => {
    for (const lane of lanes) lane.abort(reason);
  };
  const onAbort = (): void => stopAll(signal!.reason);
  signal?.addEventListener("abort", onAbort, { once: true });

  async function fetchOne(item: ImageItem, lane: AbortSignal): Promise<void> {
    const { id, url, md5, size } = item;
    const path = folder === undefined ? item.path : resolve(folder, item.path);
    const expected = { size, md5: [md5], image: true };
    if (underWay.has(path)) return void report.skipped++;
    underWay.add(path);
    try {
      if ((await there.has(path)) && !(recheck && (await checkFile(path, expected, files)))) {
        missingList.delete(id);
        return void report.skipped++;
      }
      const known = retryMissing ? undefined : missingList.final(id, url);
      if (known) return void report.missing.push({ id, url, reason: known.reason });
      const onBytes = (bytes: number): void => {
        report.bytes += bytes;
      };
      await download(url, path, expected, { ...options, signal: lane, onBytes });
      await there.add(path);
      missingList.delete(id);
      failedInARow = 0;
      report.done++;
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error;
      report.missing.push({ id, url, reason: error.message });
      await missingList.add({ id, url, reason: error.message, again: error.again });
      failedInARow = error.again ? failedInARow + 1 : 0;
      if (failedInARow >= giveUpAfter) {
        throw new Error(
          `fetchImages: the last ${failedInARow} images failed one after another (${error.message}). ` +
            `Is there a connection, and is the address right (${url})? ${report.done} images have come; ` +
            "run the same again to continue.",
          { cause: error },
        );
      }
    } finally {
      underWay.delete(path);
    }
  }

  const next = oneAtATime(items);
  const work = async (lane: AbortSignal): Promise<void> => {
    for (let item = await next(); item; item = await next()) {
      lane.throwIfAborted();
      await fetchOne(item, lane);
      const { done, skipped, missing, bytes } = report;
      const seconds = Math.max(1e-3, (clock.now() - started) / 1000);
      onProgress({ done, skipped, missing: missing.length, total, bytes, rate: done / seconds });
    }
  };
  let failure: { error: unknown } | undefined;
  await Promise.all(
    lanes.map(({ signal: lane }) =>
      work(lane).catch((error: unknown) => {
        failure ??= { error };
        stopAll(error);
      }),
    ),
  );
  signal?.removeEventListener("abort", onAbort);
  // A full disk may refuse this list, too; then the first error says more.
  await missingList.close().catch((error: unknown) => (failure ??= { error }));
  await release?.();
  if (failure) throw failure.error;
  return report;
}
