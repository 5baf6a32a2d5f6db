import { statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import { detectDataset } from "@csl/datasets";
import {
  fetchFile,
  isArchive,
  type Unpacked,
  type UnpackProgress,
  unpackArchive,
  unpackedBefore,
} from "@csl/download";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { describeSkipped } from "@csl/internal/tar/skipped-entries";
import { bucketUrl, OPEN_IMAGES_FILES, type OpenImagesFile, openImagesFiles } from "@csl/openimages-loader";
import { type Context, stopped } from "../../flags/command.js";
import { gatherJson, onEveryRank } from "../../ranks/ranks.js";
import { waitTogether } from "../../ranks/wait-together.js";
import { fetchStatus } from "../../terminal/fetch-status.js";
import { formatBytes, progressLine } from "../../terminal/format.js";
import { paced } from "../../terminal/terminal.js";
import { shareOf } from "../train/training-ranks.js";

export interface FileDownload {
  folder: string;
  retries: number;
  timeout: number;
  /** Whether archives are unpacked, and whether they stay then. */
  unpack: boolean;
  keepArchives: boolean;
  /** Whether files that are there and differ from an archive's are replaced. */
  overwrite: boolean;
}

/** Releases of OpenImages whose label files are single files; V3 comes in archives. */
export type LabelVersion = keyof typeof openImagesFiles;

/** A file to fetch, by address; `megabytes` when its size is roughly known. */
export interface WantedFile {
  url: string;
  megabytes?: number | undefined;
}

/** The official label files of a version, of the kinds that `--kinds` lists. */
export function labelFiles(
  version: LabelVersion,
  { kinds, baseUrl = OPEN_IMAGES_FILES }: { kinds: string; baseUrl?: string | undefined },
): WantedFile[] {
  return filesOf(version, kinds).map(({ key, megabytes }) => ({ url: bucketUrl(baseUrl, key), megabytes }));
}

/** The HTTP address of `--url`, which may be s3:// or gs://. @throws when it names no file. */
export function addressOf(text: string): string {
  const bucket = /^((?:s3|gs):\/\/[^/]+)\/(.+)$/.exec(text);
  const url = bucket ? bucketUrl(bucket[1]!, bucket[2]!) : text;
  if (/^https?:/.test(url) && URL.canParse(url) && isFileName(nameIn(url))) return url;
  throw new CslError(
    "invalid-argument",
    `csl download: expected --url to be the http(s)://, s3:// or gs:// address of a file, got "${text}".`,
  );
}

interface Downloaded {
  bytes: number;
  /** Whether it was there already. */
  skipped: boolean;
  unpacked?: Unpacked;
}

/**
 * Fetches large files into one folder, under the last part of their addresses, and unpacks archives there. One that a
 * server does not give stops no other.
 */
export async function downloadFiles(
  files: readonly WantedFile[],
  options: FileDownload,
  context: Context,
): Promise<void> {
  const { terminal, ranks } = context;
  const { folder } = options;
  const own = await onEveryRank(ranks, () =>
    waitTogether(ranks, () => downloadShare(files, options, context)),
  );
  const all = ranks ? await gatherJson(ranks, own) : [own];
  const failed = (all ?? [own]).flatMap((share) => share.failed);
  const got = (all ?? [own]).flatMap((share) => share.got);
  const skipped = got.filter((file) => file.skipped).length;
  const bytes = got.reduce((sum, file) => sum + file.bytes, 0);
  terminal.print(
    `${got.length} of ${files.length} files${skipped > 0 ? ` (${skipped} were there)` : ""}, ${formatBytes(bytes)}: ${folder}`,
  );
  const unpacked = got.flatMap((file) => file.unpacked ?? []);
  for (const archive of unpacked) terminal.print(formatUnpacked(archive));
  if (unpacked.length > 0) await showDataset(folder, context);
  if (failed.length > 0)
    throw new CslError("network", `csl download: ${failed.length} files are missing.\n${failed.join("\n")}`);
}

/** Every R-th of the files: those of this rank. */
async function downloadShare(
  files: readonly WantedFile[],
  options: FileDownload,
  context: Context,
): Promise<{ got: Downloaded[]; failed: string[] }> {
  const { terminal, signal, ranks = { rank: 0, size: 1 } } = context;
  const failed: string[] = [];
  const got: Downloaded[] = [];
  for (const i of shareOf(files.length, ranks)) {
    const name = nameOf(files[i]!);
    try {
      const label = `${i + 1}/${files.length} ${name}`;
      got.push(await downloadFile(files[i]!, { ...options, label }, context));
    } catch (error) {
      if (signal.aborted) throw stopped(`csl download: stopped at ${name}. The same command continues.`);
      if (!isCslError(error, "network") && !isCslError(error, "in-use")) throw error;
      failed.push(error.message);
    } finally {
      terminal.endStatus();
    }
  }
  return { got, failed };
}

async function downloadFile(
  wanted: WantedFile,
  options: FileDownload & { label: string },
  context: Context,
): Promise<Downloaded> {
  const { folder, keepArchives, overwrite } = options;
  const name = nameOf(wanted);
  const archive = options.unpack && isArchive(name);
  const before = archive ? await unpackedBefore(name, folder, { source: wanted.url }) : undefined;
  if (before) return { bytes: before.size, skipped: true, unpacked: { ...before, already: true } };
  const file = await fetchWanted(wanted, { ...options, archive }, context);
  const { path, bytes, skipped } = file;
  context.terminal.endStatus();
  context.terminal.info(`${skipped ? "there already" : "fetched"}: ${path}, ${formatBytes(bytes)}`);
  if (!archive) return { bytes, skipped };
  const unpacked = await unpackDownloaded(
    { path, url: wanted.url, fetched: !skipped },
    { folder, keep: keepArchives, overwrite },
    context,
  );
  return { bytes, skipped, unpacked };
}

async function fetchWanted(
  wanted: WantedFile,
  { label, folder, retries, timeout, archive }: FileDownload & { label: string; archive: boolean },
  context: Context,
): ReturnType<typeof fetchFile> {
  const { terminal, signal } = context;
  const { url, megabytes = 0 } = wanted;
  const name = nameOf(wanted);
  const show = fetchStatus(label, terminal);
  let told = false;
  return fetchFile(url, join(folder, name), {
    ...{ retries, timeout, signal, log: terminal.info },
    onProgress: (done, total = megabytes * 1e6) => {
      if (archive && !told) void showRoom(name, total, folder, context);
      told = true;
      show({ done, total });
    },
  });
}

/**
 * Unpacks what was downloaded. An archive that the command fetched is removed when all is in place, unless it is to be
 * kept; one that a person put there stays.
 */
async function unpackDownloaded(
  { path, url, fetched }: { path: string; url: string; fetched: boolean },
  { folder, keep, overwrite }: { folder: string; keep: boolean; overwrite: boolean },
  { terminal, signal }: Context,
): Promise<Unpacked> {
  const name = basename(path);
  const started = Date.now();
  const show = paced(({ files, bytes, share }: UnpackProgress) => {
    const secondsLeft = ((Date.now() - started) / 1000) * (1 / share - 1);
    const detail = `${files} files, ${formatBytes(bytes)}`;
    terminal.status(
      progressLine(
        { label: `unpack ${name}`, done: share, total: 1, detail, secondsLeft },
        { columns: terminal.columns },
      ),
    );
  });
  try {
    return await unpackArchive(path, folder, {
      ...{ source: url, overwrite, signal, log: terminal.info, onProgress: show },
      ...(keep ? { remove: false } : fetched ? { remove: true } : {}),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw stopped(`csl download: stopped while unpacking ${name}. The same command continues.`);
  } finally {
    terminal.endStatus();
  }
}

/** What there is now, in one line. */
function formatUnpacked({ archive, files, bytes, leftOut, already }: Unpacked): string {
  const kinds = leftOut.kinds ?? { "special entries": { count: leftOut.count, first: leftOut.names[0]! } };
  const links = leftOut.count > 0 ? `; left out: ${describeSkipped(kinds)}; the archive is kept` : "";
  return `${already ? "unpacked already" : "unpacked"}: ${archive}, ${files} files, ${formatBytes(bytes)}${links}`;
}

/** Says what an archive will need before it is fetched; nothing where the size is not known. */
async function showRoom(name: string, total: number, folder: string, { terminal }: Context): Promise<void> {
  const free = await statfs(folder).catch(() => undefined);
  if (!free || total === 0) return;
  terminal.info(
    `${name} has ${formatBytes(total)}, and needs as much again or more when it is unpacked; ` +
      `${formatBytes(free.bavail * free.bsize)} are free`,
  );
}

/** Says as which data set training will read the folder, once there are labels in it. */
async function showDataset(folder: string, { terminal }: Context): Promise<void> {
  const found = await detectDataset(folder).catch(() => undefined);
  if (found) terminal.info(`csl train --data ${folder} reads it as ${found.kind}, by ${found.evidence}`);
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

function filesOf(version: LabelVersion, kinds: string): OpenImagesFile[] {
  const wanted = kinds.split(",").map((kind) => kind.trim());
  const known = new Set<string>(
    Object.values(openImagesFiles).flatMap((list) => list.map(({ kind }) => kind)),
  );
  const unknown = wanted.filter((kind) => !known.has(kind));
  if (unknown.length > 0)
    throw new CslError(
      "invalid-argument",
      `csl download: expected --kinds of ${[...known].join(", ")}, got "${unknown.join(", ")}".`,
    );
  return openImagesFiles[version].filter(({ kind }) => wanted.includes(kind));
}
