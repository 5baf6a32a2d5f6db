import * as nodeFiles from "node:fs/promises";
import { mkdir, rm, stat, statfs } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { claim } from "../fetch/claim.js";
import { systemClock } from "../fetch/clock.js";
import { writing } from "../fetch/disk-failure.js";
import type { FetchFiles } from "../fetch/part-file.js";
import type { Archive } from "./archive.js";
import { moveInto, requireNoClash } from "./move-into.js";
import { openTarGz } from "./open-tar-gz.js";
import { openZip } from "./open-zip.js";
import { type UnpackJob, type UnpackProgress, unpackAll } from "./unpack-all.js";
import {
  readState,
  recordPath,
  stagingPath,
  type UnpackRecord,
  type UnpackState,
  unpackedBefore,
  writeState,
} from "./unpack-state.js";

export type UnpackOptions = {
  /** Where the archive came from: another address is another archive. */
  source?: string;
  /** Remove the archive when all is in place. Default: as the call that was interrupted said, or not. */
  remove?: boolean;
  signal?: AbortSignal;
  /** Files and bytes that are unpacked by now, those of an interrupted run too, and the share of the archive. */
  onProgress?: (progress: UnpackProgress) => void;
  /** Told how much room is needed. */
  log?: (text: string) => void;
  /** Bytes free in a folder. Default: what the system says. */
  freeBytes?: (folder: string) => Promise<number>;
  files?: FetchFiles;
};

export type Unpacked = UnpackRecord & {
  /** Whether an earlier call had done it all. */
  already: boolean;
};

const openers: readonly (readonly [ending: RegExp, open: (path: string) => Promise<Archive>])[] = [
  [/\.zip$/i, openZip],
  [/\.(tar\.gz|tgz)$/i, openTarGz],
];

/** Whether a file name is that of an archive which `unpackArchive` takes: .zip, .tar.gz, .tgz. A .tar of shards is none. */
export function isArchive(name: string): boolean {
  return openers.some(([ending]) => ending.test(name));
}

/**
 * Unpacks a .zip, .tar.gz or .tgz into a folder. Everything goes to `<archive>.unpacking` first, each file under its name
 * only when its size and checksum agree; when the whole archive has been read and is sound, it moves into place. So the
 * folder never holds half of an archive. Called again after anything, it goes on; after success it does nothing.
 *
 * Paths that lead out of the folder refuse the archive; links and devices in it are left out and counted.
 *
 * @throws naming the archive: when it is damaged, cut off, encrypted or malicious; when there is too little room, before
 *   anything is written where the archive tells how much it needs; when another run is at it; the signal's reason
 */
export async function unpackArchive(
  path: string,
  folder: string,
  {
    source,
    remove,
    signal = new AbortController().signal,
    onProgress = () => {},
    log = () => {},
    freeBytes = freeBytesOf,
    files = nodeFiles,
  }: UnpackOptions = {},
): Promise<Unpacked> {
  const archive = basename(path);
  const open = openers.find(([ending]) => ending.test(archive))?.[1];
  if (!open) throw new Error(`unpackArchive: expected a .zip, .tar.gz or .tgz, got ${path}.`);
  const { size, mtimeMs: modified } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`unpackArchive: expected an archive at ${path}, got ${cause.code}. Is the path right?`, {
      cause,
    });
  });
  const before = await unpackedBefore(archive, folder, {
    size,
    modified,
    ...(source !== undefined && { source }),
  });
  if (before) return { ...before, already: true };
  const staging = stagingPath(folder, archive);
  const release = await claim(`${resolve(staging)}.lock`, {
    speaker: "unpackArchive",
    files,
    clock: systemClock,
  });
  try {
    const stateFile = join(staging, "state.json");
    const earlier = await readState<UnpackState>(stateFile);
    const same = earlier?.size === size && earlier.modified === modified;
    if (!same) await rm(staging, { recursive: true, force: true });
    const state: UnpackState = { size, modified, remove: remove ?? (same && earlier.remove) };
    const staged = join(staging, "files");
    await writing(staging, async () => {
      await mkdir(staged, { recursive: true });
      await writeState(stateFile, same ? { ...earlier, ...state } : state);
    });
    let record = same ? earlier.record : undefined;
    if (!record) {
      const job: UnpackJob = {
        path,
        archive,
        folder,
        staged,
        size,
        modified,
        signal,
        onProgress,
        log,
        freeBytes,
        files,
      };
      record = { ...(await unpackAll(job, open)), source };
      await writing(staging, () => writeState(stateFile, { ...state, record: record! }));
    }
    await requireNoClash(staged, folder).catch((cause: Error) => {
      throw new Error(`unpackArchive: ${archive}: ${cause.message}.`, { cause });
    });
    await moveInto(staged, folder);
    await writing(folder, () => writeState(recordPath(folder, archive), record));
    await rm(staging, { recursive: true });
    if (state.remove) await rm(path);
    return { ...record, already: false };
  } finally {
    await release();
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
