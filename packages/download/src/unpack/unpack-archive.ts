import * as nodeFiles from "node:fs/promises";
import { mkdir, rm, stat, statfs } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { CslError } from "@csl/internal/errors/csl-error";
import { type FetchFiles, lockIfWritable, writing } from "../files.js";
import type { Archive } from "./archive.js";
import { findClash, moveInto } from "./move-into.js";
import { openTarGz } from "./open-tar-gz.js";
import { openZip } from "./open-zip.js";
import { type UnpackProgress, unpackAll } from "./unpack-all.js";
import {
  readState,
  recordPath,
  stagingPath,
  type UnpackRecord,
  type UnpackState,
  unpackedBefore,
  writeState,
} from "./unpack-state.js";

const SPEAKER = "unpackArchive";

export type UnpackOptions = {
  /** Where the archive came from: another address is another archive. */
  source?: string;
  /** Remove the archive when all is in place. Default: as the call that was interrupted said, or not. */
  remove?: boolean;
  /** Replace files that are there and differ from the archive's. Default false: they refuse it. */
  overwrite?: boolean;
  signal?: AbortSignal;
  /** Files and bytes that are unpacked by now, those of an interrupted run too, and the share of the archive. */
  onProgress?: (progress: UnpackProgress) => void;
  /** Called with a sentence about how much room is needed, and when an interrupted run continues. */
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

/** Whether a file name is that of an archive that `unpackArchive` takes: .zip, .tar.gz, .tgz. A plain .tar, as of shards, is not. */
export function isArchive(name: string): boolean {
  return openers.some(([ending]) => ending.test(name));
}

/**
 * Unpacks a .zip, .tar.gz or .tgz into a folder. Everything goes to `<archive>.unpacking` first, each file under its name
 * only when its size and checksum agree; when the whole archive has been read and is sound, it moves into place. So the
 * folder never holds half of an archive. Called again after an interruption, it continues; after success it does nothing.
 *
 * Paths that lead out of the folder refuse the archive; links, devices and sparse files in it are left out and named. An archive
 * with any of those is kept, as what is in it is not all in the folder.
 *
 * @throws CslError, with the name of the archive: `invalid-file` when it is damaged, cut off, encrypted or malicious;
 *   `cannot-write` when there is too little room, before anything is written where the archive states its size;
 *   `already-exists` when files of the same names and other content are there, which `overwrite` replaces, or a file is
 *   where one of its folders is to be, or the other way round: all is unpacked then, and the next call moves it; `in-use` when another run
 *   unpacks it; the signal's reason
 */
export async function unpackArchive(
  path: string,
  folder: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  checkOptions("unpackArchive", options, {
    source: true,
    remove: true,
    overwrite: true,
    signal: true,
    onProgress: true,
    log: true,
    freeBytes: true,
    files: true,
  });
  const {
    source,
    remove,
    overwrite = false,
    signal = new AbortController().signal,
    onProgress = () => {},
    log = () => {},
    freeBytes = freeBytesIn,
    files = nodeFiles,
  } = options;
  const archive = basename(path);
  const open = openers.find(([ending]) => ending.test(archive))?.[1];
  if (!open)
    throw new CslError("invalid-argument", `unpackArchive: expected a .zip, .tar.gz or .tgz, got ${path}.`);
  const { size, mtimeMs: modified } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CslError(
      cause.code === "ENOENT" ? "not-found" : "cannot-read",
      `unpackArchive: expected an archive at ${path}, got ${cause.code}. Is the path right?`,
      { cause },
    );
  });
  const before = await unpackedBefore(archive, folder, {
    size,
    modified,
    ...(source !== undefined && { source }),
  });
  if (before) return { ...before, already: true };
  const staging = stagingPath(folder, archive);
  const lock = await lockIfWritable(`${resolve(staging)}.lock`, { speaker: SPEAKER, files });
  try {
    const stateFile = join(staging, "state.json");
    const earlier = await readState<UnpackState>(stateFile);
    const same = earlier?.size === size && earlier.modified === modified;
    if (!same) await rm(staging, { recursive: true, force: true });
    const state: UnpackState = { size, modified, remove: remove ?? (same && earlier.remove) };
    const staged = join(staging, "files");
    await writing(SPEAKER, staging, async () => {
      await mkdir(staged, { recursive: true });
      await writeState(stateFile, same ? { ...earlier, ...state } : state);
    });
    let record = same ? earlier.record : undefined;
    if (!record) {
      const unpacked = await unpackAll({
        path,
        open,
        archive,
        folder,
        staged,
        size,
        modified,
        signal,
        assertHeld: () => lock?.assertHeld(),
        onProgress,
        log,
        freeBytes,
        files,
      });
      record = { ...unpacked, source };
      await writing(SPEAKER, staging, () => writeState(stateFile, { ...state, record: record! }));
    }
    const clash = await findClash(staged, folder, { overwrite });
    if (clash) throw new CslError("already-exists", `unpackArchive: ${archive}: ${clash}`);
    await moveInto(staged, folder);
    await writing(SPEAKER, folder, () => writeState(recordPath(folder, archive), record));
    await rm(staging, { recursive: true });
    if (state.remove && record.leftOut.count === 0) await rm(path);
    return { ...record, already: false };
  } finally {
    await lock?.release();
  }
}

async function freeBytesIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
