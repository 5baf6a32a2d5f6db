import { basename, join } from "node:path";
import { fetchFile, isArchive, type Unpacked, unpackedBefore } from "@csl/download";
import { isCslError } from "@csl/internal/errors/csl-error";
import { bucketUrl, OPEN_IMAGES_FILES, type OpenImagesFile, openImagesFiles } from "@csl/openimages-loader";
import type { Context } from "../../context.js";
import { formatBytes } from "../../terminal/format-bytes.js";
import { paced } from "../../terminal/paced.js";
import { progressLine } from "../../terminal/progress-line.js";
import { formatUnpacked, tellDataset, tellRoom, unpackDownloaded } from "./download-command-unpack.js";

export interface FileDownload {
  folder: string;
  retries: number;
  timeout: number;
  /** Whether archives are unpacked, and whether they stay then. */
  unpack: boolean;
  keepArchives: boolean;
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
  if (/^https?:/.test(url) && URL.canParse(url) && isFileName(nameIn(url))) return url;
  throw new Error(
    `csl download: expected --url to be the http(s)://, s3:// or gs:// address of a file, got "${text}".`,
  );
}

/**
 * Fetches large files into one folder, under the last part of their addresses, and unpacks archives there. One that is
 * not there stops no other.
 */
export async function downloadFiles(
  files: readonly WantedFile[],
  options: FileDownload,
  context: Context,
): Promise<void> {
  const { terminal, signal } = context;
  const { folder } = options;
  const failed: string[] = [];
  const got: Downloaded[] = [];
  for (const [i, file] of files.entries()) {
    const name = nameOf(file);
    try {
      got.push(await downloadFile(file, { ...options, label: `${i + 1}/${files.length} ${name}` }, context));
    } catch (error) {
      const { message } = error as Error;
      if (signal.aborted && message.startsWith("csl download:")) throw error;
      if (signal.aborted) throw new Error(`csl download: stopped at ${name}. The same command continues.`);
      if (!isCslError(error, "network") && !isCslError(error, "in-use")) throw error;
      failed.push(message);
    } finally {
      terminal.endStatus();
    }
  }
  const skipped = got.filter((file) => file.skipped).length;
  const bytes = got.reduce((sum, file) => sum + file.bytes, 0);
  terminal.print(
    `${got.length} of ${files.length} files${skipped > 0 ? ` (${skipped} were there)` : ""}, ${formatBytes(bytes)}: ${folder}`,
  );
  const unpacked = got.flatMap((file) => file.unpacked ?? []);
  for (const archive of unpacked) terminal.print(formatUnpacked(archive));
  if (unpacked.length > 0) await tellDataset(folder, context);
  if (failed.length > 0)
    throw new Error(`csl download: ${failed.length} files are missing.\n${failed.join("\n")}`);
}

interface Downloaded {
  bytes: number;
  /** Whether it was there already. */
  skipped: boolean;
  unpacked?: Unpacked;
}

async function downloadFile(
  wanted: WantedFile,
  { label, folder, retries, timeout, unpack, keepArchives }: FileDownload & { label: string },
  context: Context,
): Promise<Downloaded> {
  const { terminal, signal } = context;
  const { url, megabytes = 0 } = wanted;
  const name = nameOf(wanted);
  const path = join(folder, name);
  const archive = unpack && isArchive(name);
  const before = archive ? await unpackedBefore(name, folder, { source: url }) : undefined;
  if (before) return { bytes: before.size, skipped: true, unpacked: { ...before, already: true } };
  const started = Date.now();
  let first: number | undefined;
  const show = paced(({ done, total }: { done: number; total: number }) => {
    const rate = (done - first!) / ((Date.now() - started) / 1000);
    const detail = `${formatBytes(done)}, ${formatBytes(rate)}/s`;
    const secondsLeft = total > 0 ? (total - done) / rate : Number.NaN;
    terminal.status(progressLine({ label, done, total, detail, secondsLeft }, { columns: terminal.columns }));
  });
  const file = await fetchFile(url, path, {
    ...{ retries, timeout, signal, log: terminal.info },
    onProgress: (done, total = megabytes * 1e6) => {
      if (archive && first === undefined) void tellRoom(name, total, folder, context);
      first ??= done;
      show({ done, total });
    },
  });
  const { bytes, skipped } = file;
  terminal.endStatus();
  terminal.info(`${skipped ? "there already" : "fetched"}: ${path}, ${formatBytes(bytes)}`);
  if (!archive) return { bytes, skipped };
  const where = { folder, keep: keepArchives };
  return {
    bytes,
    skipped,
    unpacked: await unpackDownloaded({ path, url, fetched: !skipped }, where, context),
  };
}

/** What a file is called here: the last part of its address. */
function nameOf({ url }: WantedFile): string {
  return nameIn(url)!;
}

/** Undefined where its % signs are no encoding. */
function nameIn(url: string): string | undefined {
  try {
    return basename(decodeURIComponent(new URL(url).pathname));
  } catch {
    return undefined;
  }
}

function isFileName(name: string | undefined): boolean {
  return name !== undefined && !["", ".", ".."].includes(name) && !name.includes("\0");
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
