import { statfs } from "node:fs/promises";
import { basename } from "node:path";
import { detectDataset } from "@csl/datasets";
import { type Unpacked, type UnpackProgress, unpackArchive } from "@csl/download";
import type { Context } from "../../context.js";
import { formatBytes } from "../../terminal/format-bytes.js";
import { paced } from "../../terminal/paced.js";
import { progressLine } from "../../terminal/progress-line.js";

/** An archive that lies in its folder. */
export interface DownloadedArchive {
  path: string;
  url: string;
  /** Whether this command has just brought it, and not found it there. */
  fetched: boolean;
}

/**
 * Unpacks what was downloaded. An archive that the command brought is removed when all is in place, unless it is to be
 * kept; one that a person put there stays.
 */
export async function unpackDownloaded(
  { path, url, fetched }: DownloadedArchive,
  { folder, keep }: { folder: string; keep: boolean },
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
      ...{ source: url, signal, log: terminal.info, onProgress: show },
      ...(keep ? { remove: false } : fetched ? { remove: true } : {}),
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`csl download: stopped while unpacking ${name}. The same command continues.`);
  } finally {
    terminal.endStatus();
  }
}

/** What there is now, in one line. */
export function formatUnpacked({ archive, files, bytes, leftOut, already }: Unpacked): string {
  const links =
    leftOut.count > 0 ? `; ${leftOut.count} links or devices left out (${leftOut.names[0]}, …)` : "";
  return `${already ? "unpacked already" : "unpacked"}: ${archive}, ${files} files, ${formatBytes(bytes)}${links}`;
}

/** Says what an archive will need before hours are spent on fetching it; nothing where the size is not known. */
export async function tellRoom(
  name: string,
  total: number,
  folder: string,
  { terminal }: Context,
): Promise<void> {
  const free = await statfs(folder).catch(() => undefined);
  if (!free || total === 0) return;
  terminal.info(
    `${name} has ${formatBytes(total)}, and needs as much again or more when it is unpacked; ` +
      `${formatBytes(free.bavail * free.bsize)} are free`,
  );
}

/** Tells what training will take the folder for, once there are labels in it. */
export async function tellDataset(folder: string, { terminal }: Context): Promise<void> {
  const found = await detectDataset(folder).catch(() => undefined);
  if (found) terminal.info(`csl train --data ${folder} takes it for ${found.kind}, by ${found.evidence}`);
}
