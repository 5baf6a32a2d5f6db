import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writing } from "../disk-failure.js";
import type { FetchFiles } from "../part-file.js";
import type { Archive } from "./archive.js";
import { entryPath } from "./entry-path.js";
import { requireRoom } from "./require-room.js";
import type { UnpackRecord } from "./unpack-state.js";
import { writeEntry } from "./write-entry.js";

/** Files and bytes that are unpacked by now, those of an interrupted run too, and the share of the archive. */
export type UnpackProgress = { files: number; bytes: number; share: number };

export type UnpackJob = {
  path: string;
  /** Its name. */
  archive: string;
  /** Bytes of it. */
  size: number;
  /** Where all is to be in the end. */
  folder: string;
  /** Where it goes at first. */
  staged: string;
  signal: AbortSignal;
  onProgress: (progress: UnpackProgress) => void;
  log: (text: string) => void;
  freeBytes: (folder: string) => Promise<number>;
  files: FetchFiles;
};

/** Names kept in a record. */
const MOST_NAMES = 20;

/** Everything in the archive into `staged`, but for what an interrupted run has left there whole. */
export async function unpackAll(
  job: UnpackJob,
  open: (path: string) => Promise<Archive>,
): Promise<UnpackRecord> {
  const { path, archive, staged, size, signal } = job;
  const unpacked: UnpackRecord = {
    archive,
    size,
    files: 0,
    bytes: 0,
    leftOut: { count: 0, names: [] },
    top: [],
  };
  try {
    const opened = await open(path);
    await requireRoom(job, opened.total);
    await unpackEntries(job, opened, unpacked);
    return unpacked;
  } catch (error) {
    signal.throwIfAborted();
    const { name, message, code } = error as NodeJS.ErrnoException;
    if (name === "DiskFailure" || name === "NoRoom") throw error;
    // What a tar.gz gave before its checksum failed may be damaged itself.
    await rm(dirname(staged), { recursive: true, force: true });
    throw new Error(
      `unpackArchive: expected a whole, sound archive, got ${path}: ${code ? `${code}: ` : ""}${message}. ` +
        "Nothing of it is in the folder. If it is damaged, remove it and run the same again: it is fetched anew.",
      { cause: error },
    );
  }
}

async function unpackEntries(job: UnpackJob, opened: Archive, unpacked: UnpackRecord): Promise<void> {
  const { archive, staged, size, signal, onProgress, files } = job;
  const { leftOut, top } = unpacked;
  const part = join(dirname(staged), "part");
  const seen = new Set<string>();
  const folders = new Set<string>();
  const folderAt = async (folder: string): Promise<void> => {
    if (folders.has(folder)) return;
    await writing(folder, () => mkdir(folder, { recursive: true }));
    folders.add(folder);
  };
  const progress = (): void => {
    const done = opened.total ? unpacked.bytes / Math.max(1, opened.total.bytes) : opened.position() / size;
    onProgress({ files: unpacked.files, bytes: unpacked.bytes, share: Math.min(1, done) });
  };
  for await (const entry of opened.entries()) {
    signal.throwIfAborted();
    const parts = entryPath(entry.name);
    if (parts.length === 0) continue;
    if (parts[0]!.startsWith(archive)) throw new Error(`it wants to write to its own name, ${parts[0]}`);
    if (entry.kind === "link or device") {
      if (leftOut.count++ < MOST_NAMES) leftOut.names.push(entry.name);
      continue;
    }
    if (top.length < MOST_NAMES && !top.includes(parts[0]!)) top.push(parts[0]!);
    const path = join(staged, ...parts);
    if (entry.kind === "folder") {
      await folderAt(path);
      continue;
    }
    await folderAt(dirname(path));
    // The last one of a name counts, as in a tar that was added to.
    const there = seen.has(path) ? undefined : await stat(path).catch(() => undefined);
    if (there?.isFile() && there.size === entry.size) {
      unpacked.bytes += entry.size;
    } else {
      const onBytes = (bytes: number): void => {
        unpacked.bytes += bytes;
        progress();
      };
      await writeEntry(entry, path, { part, files, signal, onBytes });
    }
    if (!seen.has(path)) unpacked.files++;
    seen.add(path);
    progress();
  }
}
