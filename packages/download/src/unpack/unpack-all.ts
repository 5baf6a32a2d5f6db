import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CslError, isCslError } from "@csl/internal/errors/csl-error";
import { addSkipped } from "@csl/internal/tar/skipped-entries";
import { JobQueue } from "@csl/internal/work/job-queue";
import { type FetchFiles, writing } from "../files.js";
import type { Archive, ArchiveEntry } from "./archive.js";
import { checkedContent } from "./checked-content.js";
import { entryPath, printableName } from "./entry-name.js";
import { requireRoom } from "./require-room.js";
import type { UnpackRecord } from "./unpack-state.js";
import { writeBlocks } from "./write-blocks.js";

/** Files and bytes that are unpacked by now, those of an interrupted run too, and the share of the archive. */
export type UnpackProgress = { files: number; bytes: number; share: number };

export type UnpackJob = {
  path: string;
  open: (path: string) => Promise<Archive>;
  /** Its name. */
  archive: string;
  /** Bytes of it, and when it was written. */
  size: number;
  modified: number;
  /** Where everything is to be in the end. */
  folder: string;
  /** Where it goes first. */
  staged: string;
  signal: AbortSignal;
  /** @throws when another run has taken over the lock */
  assertHeld: () => void;
  onProgress: (progress: UnpackProgress) => void;
  log: (text: string) => void;
  freeBytes: (folder: string) => Promise<number>;
  files: FetchFiles;
};

/** Names kept in a record. */
const MOST_NAMES = 20;
/** Files up to so many bytes are written several at a time: a disk takes longer to create one than to fill it. */
const SMALL = 1 << 20;
const IN_FLIGHT = 8;

/** Codes of the file system that are the archive's fault and not the disk's. */
const faults: Readonly<Record<string, string>> = {
  EISDIR: "something in it is a file and a folder at once",
  EEXIST: "something in it is a file and a folder at once",
  ENOTDIR: "something in it is a file and a folder at once",
  ENAMETOOLONG: "a name in it is longer than this disk allows",
};

/**
 * Writes everything in the archive into `staged`, except what an interrupted run has left there whole.
 *
 * @throws CslError `cannot-write`, `invalid-file` for a damaged or unsafe archive; the signal's reason
 */
export async function unpackAll(job: UnpackJob): Promise<UnpackRecord> {
  const { path, open, archive, staged, size, modified, signal } = job;
  const unpacked: UnpackRecord = {
    archive,
    size,
    modified,
    files: 0,
    bytes: 0,
    leftOut: { count: 0, names: [], kinds: {} },
    top: [],
  };
  try {
    const opened = await open(path);
    try {
      await requireRoom(job, opened.total);
      await unpackEntries(job, opened, unpacked);
    } finally {
      opened.close();
    }
    return unpacked;
  } catch (error) {
    signal.throwIfAborted();
    const { message, cause } = error as Error;
    const fault = faults[(cause as NodeJS.ErrnoException | undefined)?.code ?? ""];
    if (isCslError(error, "in-use") || (isCslError(error, "cannot-write") && !fault)) throw error;
    // What a tar.gz gave before its checksum failed may be damaged itself.
    await rm(dirname(staged), { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    const reason = fault ?? (code && !isCslError(error) ? `${code}: ${message}` : message);
    throw new CslError(
      "invalid-file",
      `unpackArchive: expected a complete, undamaged archive, got ${path} (${reason}). Nothing of it is in the folder. ` +
        "If it is damaged, remove it and run the same again: it is fetched again.",
      { cause: error },
    );
  }
}

async function unpackEntries(job: UnpackJob, opened: Archive, unpacked: UnpackRecord): Promise<void> {
  const { archive, staged, size, signal, onProgress, files } = job;
  const { leftOut, top } = unpacked;
  const resumed = (await readdir(staged)).length > 0;
  if (resumed) job.log(`${archive}: continues where it was stopped`);
  const seen = new Set<string>();
  const made = new Set<string>();
  const makeFolder = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await writing("unpackArchive", path, () => mkdir(path, { recursive: true }));
    made.add(path);
  };
  const queue = new JobQueue(IN_FLIGHT);
  const onBytes = (bytes: number): void => {
    unpacked.bytes += bytes;
    const share = opened.total ? unpacked.bytes / Math.max(1, opened.total.bytes) : opened.position() / size;
    onProgress({ files: unpacked.files, bytes: unpacked.bytes, share: Math.min(1, share) });
  };
  const takeFile = async (entry: ArchiveEntry, path: string): Promise<void> => {
    await makeFolder(dirname(path));
    const again = seen.has(path);
    if (again) await queue.finish(); // the last file of a name counts, as in a tar that was appended to
    seen.add(path);
    const there = resumed && !again ? await stat(path).catch(() => undefined) : undefined;
    if (there?.isFile() && there.size === entry.size) {
      unpacked.files++;
      return onBytes(entry.size);
    }
    const part = join(dirname(staged), `part-${seen.size}`);
    const content = checkedContent(entry, signal);
    const write = async (blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
      // Waiting for the disk would double the time that small files take; unpacking programs do not wait either.
      await writeBlocks(blocks, path, { part, flush: entry.size > SMALL, files, onBytes });
      if (!again) unpacked.files++;
    };
    // Read one after another, as a tar must be.
    if (entry.size > SMALL) return write(content);
    const blocks = await collect(content);
    await queue.add(() => write(blocks));
  };
  try {
    for await (const entry of opened.entries()) {
      signal.throwIfAborted();
      job.assertHeld();
      const parts = entryPath(entry.name);
      if (parts.length === 0) continue;
      if (parts[0]!.startsWith(archive))
        throw new CslError("invalid-file", `it has a file of its own name, ${printableName(parts[0]!)}`);
      if (entry.kind === "special") {
        const name = printableName(entry.name);
        if (leftOut.count++ < MOST_NAMES) leftOut.names.push(name);
        addSkipped(leftOut.kinds!, entry.what ?? "special entries", name);
        continue;
      }
      if (top.length < MOST_NAMES && !top.includes(parts[0]!)) top.push(parts[0]!);
      const path = join(staged, ...parts);
      if (entry.kind === "folder") await makeFolder(path);
      else await takeFile(entry, path);
    }
    await queue.finish();
    if (seen.size + leftOut.count + top.length === 0)
      throw new CslError("invalid-file", "there is nothing in it");
  } finally {
    await queue.settle(); // nothing is written after a failure is thrown
  }
}

async function collect(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const got: Uint8Array[] = [];
  for await (const block of blocks) got.push(block);
  return got;
}
