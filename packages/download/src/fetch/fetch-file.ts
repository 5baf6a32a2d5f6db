import { resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { lockIfWritable } from "../files.js";
import { type DownloadOptions, download } from "./download.js";
import { type FetchOptions, fetchOptionNames, sharedOptions } from "./fetch-options.js";

export type FetchFileOptions = FetchOptions & {
  /** Bytes of the file, when known. */
  size?: number;
  /** MD5 of the file, base64 or hexadecimal, when known. */
  md5?: string;
  /** SHA-256 of the file in hexadecimal digits, when known. */
  sha256?: string;
  /** Bytes that are there by now, of earlier runs too, and of the whole file when the server says it. */
  onProgress?: (done: number, total: number | undefined) => void;
};

export type FetchedFile = {
  path: string;
  bytes: number;
  /** The file was there already. */
  skipped: boolean;
};

/**
 * Fetches one file of any size over HTTP(S). A broken download continues where it was, in this call and in later ones
 * (`<path>.part` and its note stay), by an HTTP range that only counts while the file is the same. A file that is there
 * already, and as long as it should be, is left alone. The name `path` appears when the file is whole and checked.
 *
 * @throws CslError `network` with the last reason when all attempts failed; `cannot-write` when the disk is full;
 *   `in-use` when another run fetches the same; the signal's reason when aborted
 */
export async function fetchFile(
  url: string,
  path: string,
  options: FetchFileOptions = {},
): Promise<FetchedFile> {
  checkOptions("fetchFile", options, {
    ...fetchOptionNames,
    size: true,
    md5: true,
    sha256: true,
    onProgress: true,
  });
  const {
    size,
    md5,
    sha256,
    onProgress = () => {},
    signal = new AbortController().signal,
    ...rest
  } = options;
  const shared = sharedOptions("fetchFile", rest);
  const { files } = shared;
  const there = await files.stat(path).catch(() => undefined);
  if (there?.isFile() && (size === undefined || there.size === size))
    return { path, bytes: there.size, skipped: true };
  const lock = await lockIfWritable(`${resolve(path)}.part.lock`, { speaker: "fetchFile", files });
  const onBytes: DownloadOptions["onBytes"] = (_, have) => {
    lock?.assertHeld();
    onProgress(have.bytes, have.total ?? size);
  };
  try {
    const result = await download(url, path, { size, md5: [md5], sha256 }, { ...shared, signal, onBytes });
    if ("bytes" in result) return { path, bytes: result.bytes, skipped: false };
    const { reason, again, cause } = result.failure;
    throw new CslError(
      "network",
      `fetchFile: expected ${url}, got: ${reason}. ${again ? "Run the same again to continue." : "Check the address."}`,
      { cause },
    );
  } finally {
    await lock?.release();
  }
}
