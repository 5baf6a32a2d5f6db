import { resolve } from "node:path";
import type { Expected } from "./check-file.js";
import { claim } from "./claim.js";
import { type DownloadOptions, download } from "./download.js";
import { FetchFailure } from "./fetch-failure.js";
import { type FetchOptions, sharedOptions } from "./fetch-options.js";

export type FetchFileOptions = FetchOptions & {
  /** Bytes of the file, when known. */
  size?: number;
  /** MD5 of the file, base64 or hexadecimal, when known. */
  md5?: string;
  /** Bytes that are there by now, of earlier runs too, and of the whole file when the server says it. */
  onProgress?: (done: number, total: number | undefined) => void;
};

export type FetchedFile = { path: string; bytes: number; skipped: boolean };

/**
 * Fetches one file of any size: a label file, a tar of images. A broken download goes on where it was, in this call
 * and in later ones (`<path>.part` and its note stay), by an HTTP range that only counts while the file is the same. A
 * file that is there already, and as long as it should be, is left alone.
 *
 * @throws with the last reason when all attempts failed; when the disk is full; when another run fetches the same; the signal's reason when aborted
 */
export async function fetchFile(
  url: string,
  path: string,
  { size, md5, onProgress = () => {}, signal = new AbortController().signal, ...rest }: FetchFileOptions = {},
): Promise<FetchedFile> {
  const options = sharedOptions(rest);
  const there = await options.files.stat(path).catch(() => undefined);
  if (there?.isFile() && (size === undefined || there.size === size))
    return { path, bytes: there.size, skipped: true };
  const { files, clock } = options;
  const release = await claim(`${resolve(path)}.part.lock`, { speaker: "fetchFile", files, clock });
  const expected: Expected = { size, md5: [md5] };
  const onBytes: DownloadOptions["onBytes"] = (_, have) => onProgress(have.bytes, have.total ?? size);
  try {
    const bytes = await download(url, path, expected, { ...options, signal, onBytes });
    return { path, bytes, skipped: false };
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    throw new Error(
      `fetchFile: expected ${url}, got: ${error.message}. ` +
        (error.again ? "Run the same again to continue." : "Check the address."),
      { cause: error },
    );
  } finally {
    await release();
  }
}
