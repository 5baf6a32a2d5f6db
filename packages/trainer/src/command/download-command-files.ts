import { basename, join } from "node:path";
import {
  bucketUrl,
  fetchFile,
  OPEN_IMAGES_FILES,
  type OpenImagesFile,
  openImagesFiles,
} from "@csl/openimages-loader";
import type { Context } from "./context.js";
import { formatBytes } from "./format-bytes.js";
import { paced } from "./paced.js";
import { progressLine } from "./progress-line.js";

export interface FileDownload {
  folder: string;
  retries: number;
  timeout: number;
}

/** A file to fetch, by address; `megabytes` when its size is roughly known. */
export interface WantedFile {
  url: string;
  megabytes?: number | undefined;
}

/** The official label files of a version, of the kinds that `--kinds` lists. */
export function labelFiles(
  version: string,
  { kinds, baseUrl = OPEN_IMAGES_FILES }: { kinds: string; baseUrl?: string | undefined },
): WantedFile[] {
  return filesOf(version, kinds).map(({ key, megabytes }) => ({ url: bucketUrl(baseUrl, key), megabytes }));
}

/** The HTTP address of `--url`, which may be s3:// or gs://. @throws when it names no file. */
export function addressOf(text: string): string {
  const bucket = /^((?:s3|gs):\/\/[^/]+)\/(.+)$/.exec(text);
  const url = bucket ? bucketUrl(bucket[1]!, bucket[2]!) : text;
  if (/^https?:/.test(url) && URL.canParse(url) && basename(new URL(url).pathname) !== "") return url;
  throw new Error(
    `csl download: expected --url to be the http(s)://, s3:// or gs:// address of a file, got "${text}".`,
  );
}

/** Fetches large files into one folder, under the last part of their addresses. One that is not there stops no other. */
export async function downloadFiles(
  files: readonly WantedFile[],
  { folder, retries, timeout }: FileDownload,
  { terminal, signal }: Context,
): Promise<void> {
  const failed: string[] = [];
  let bytes = 0;
  let skipped = 0;
  for (const [i, { url, megabytes = 0 }] of files.entries()) {
    const name = basename(decodeURIComponent(new URL(url).pathname));
    const path = join(folder, name);
    const started = Date.now();
    let first: number | undefined;
    const show = paced(({ done, total }: { done: number; total: number }) => {
      first ??= done;
      const rate = (done - first) / ((Date.now() - started) / 1000);
      const detail = `${formatBytes(done)}, ${formatBytes(rate)}/s`;
      const secondsLeft = total > 0 ? (total - done) / rate : Number.NaN;
      const label = `${i + 1}/${files.length} ${name}`;
      terminal.status(
        progressLine({ label, done, total, detail, secondsLeft }, { columns: terminal.columns }),
      );
    });
    try {
      const file = await fetchFile(url, path, {
        ...{ retries, timeout, signal, log: terminal.info },
        onProgress: (done, total = megabytes * 1e6) => show({ done, total }),
      });
      bytes += file.bytes;
      if (file.skipped) skipped++;
      terminal.info(`${file.skipped ? "there already" : "fetched"}: ${path}, ${formatBytes(file.bytes)}`);
    } catch (error) {
      if (signal.aborted) throw new Error(`csl download: stopped at ${name}. The same command continues.`);
      if (!(error as Error).message.startsWith("fetchFile:")) throw error;
      failed.push((error as Error).message);
    } finally {
      terminal.endStatus();
    }
  }
  const got = files.length - failed.length;
  terminal.print(
    `${got} of ${files.length} files${skipped > 0 ? ` (${skipped} were there)` : ""}, ${formatBytes(bytes)}: ${folder}`,
  );
  if (failed.length > 0)
    throw new Error(`csl download: ${failed.length} files are missing.\n${failed.join("\n")}`);
}

function filesOf(version: string, kinds: string): OpenImagesFile[] {
  const release = openImagesFiles[version.toLowerCase() as keyof typeof openImagesFiles];
  if (!release) {
    throw new Error(
      `csl download: expected --labels ${Object.keys(openImagesFiles).join(", ")}, got "${version}". ` +
        "V3 comes in archives: see the README of @csl/openimages-loader.",
    );
  }
  const wanted = kinds.split(",").map((kind) => kind.trim());
  const known = new Set<string>(
    Object.values(openImagesFiles).flatMap((list) => list.map(({ kind }) => kind)),
  );
  const unknown = wanted.filter((kind) => !known.has(kind));
  if (unknown.length > 0)
    throw new Error(
      `csl download: expected --kinds of ${[...known].join(", ")}, got "${unknown.join(", ")}".`,
    );
  return release.filter(({ kind }) => wanted.includes(kind));
}
