import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writing } from "../fetch/disk-failure.js";
import type { FetchFiles } from "../fetch/part-file.js";
import type { Archive, ArchiveEntry } from "./archive.js";
import { checkedContent } from "./checked-content.js";
import { entryPath } from "./entry-path.js";
import { printableName } from "./printable-name.js";
import { requireRoom } from "./require-room.js";
import type { UnpackRecord } from "./unpack-state.js";
import { WorkQueue } from "./work-queue.js";
import { writeBlocks } from "./write-blocks.js";

/** Files and bytes that are unpacked by now, those of an interrupted run too, and the share of the archive. */
export type UnpackProgress = { files: number; bytes: number; share: number };

export type UnpackJob = {
  path: string;
  /** Its name. */
  archive: string;
  /** Bytes of it, and when it was written. */
  size: number;
  modified: number;
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
/** Files up to so many bytes are written several at a time: a disk takes longer to begin one than to fill it. */
const SMALL = 1 << 20;
const IN_FLIGHT = 8;

/** What a disk says although it could write: the archive asks for what cannot be. */
const faults: Readonly<Record<string, string>> = {
  EISDIR: "something in it is a file and a folder at once",
  EEXIST: "something in it is a file and a folder at once",
  ENOTDIR: "something in it is a file and a folder at once",
  ENAMETOOLONG: "a name in it is longer than this disk allows",
};

/** Everything in the archive into `staged`, but for what an interrupted run has left there whole. */
export async function unpackAll(
  job: UnpackJob,
  open: (path: string) => Promise<Archive>,
): Promise<UnpackRecord> {
  const { path, archive, staged, size, modified, signal } = job;
  const unpacked: UnpackRecord = {
    archive,
    size,
    modified,
    files: 0,
    bytes: 0,
    leftOut: { count: 0, names: [] },
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
    const { name, message, code, cause } = error as NodeJS.ErrnoException;
    const fault = name === "DiskFailure" && faults[(cause as NodeJS.ErrnoException).code ?? ""];
    if ((name === "DiskFailure" && !fault) || name === "NoRoom") throw error;
    // What a tar.gz gave before its checksum failed may be damaged itself.
    await rm(dirname(staged), { recursive: true, force: true });
    throw new Error(
      `unpackArchive: expected a whole, sound archive, got ${path}: ${fault || `${code ? `${code}: ` : ""}${message.replace(/\.$/, "")}`}. ` +
        "Nothing of it is in the folder. If it is damaged, remove it and run the same again: it is fetched anew.",
      { cause: error },
    );
  }
}

async function unpackEntries(job: UnpackJob, opened: Archive, unpacked: UnpackRecord): Promise<void> {
  const { archive, staged, size, signal, onProgress, files } = job;
  const { leftOut, top } = unpacked;
  const resumed = (await readdir(staged)).length > 0;
  if (resumed) job.log(`${archive}: going on where it was stopped`);
  const seen = new Set<string>();
  const makeFolder = once((path) => writing(path, () => mkdir(path, { recursive: true })));
  const queue = new WorkQueue(IN_FLIGHT);
  const onBytes = (bytes: number): void => {
    unpacked.bytes += bytes;
    const share = opened.total ? unpacked.bytes / Math.max(1, opened.total.bytes) : opened.position() / size;
    onProgress({ files: unpacked.files, bytes: unpacked.bytes, share: Math.min(1, share) });
  };
  const take = async (entry: ArchiveEntry, path: string): Promise<void> => {
    await makeFolder(dirname(path));
    const again = seen.has(path);
    if (again) await queue.drain(); // the last one of a name counts, as in a tar that was added to
    seen.add(path);
    const there = resumed && !again ? await stat(path).catch(() => undefined) : undefined;
    if (there?.isFile() && there.size === entry.size) {
      unpacked.files++;
      return onBytes(entry.size);
    }
    const part = join(dirname(staged), `part-${seen.size}`);
    const content = checkedContent(entry, signal);
    const write = async (blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
      await writeBlocks(blocks, path, { part, files, onBytes });
      if (!again) unpacked.files++;
    };
    // Read one after another, as a tar must be.
    if (entry.size > SMALL) return write(content);
    const blocks = await all(content);
    await queue.add(() => write(blocks));
  };
  try {
    for await (const entry of opened.entries()) {
      signal.throwIfAborted();
      const parts = entryPath(entry.name);
      if (parts.length === 0) continue;
      if (parts[0]!.startsWith(archive))
        throw new Error(`it wants to write to its own name, ${printableName(parts[0]!)}`);
      if (entry.kind === "link or device") {
        if (leftOut.count++ < MOST_NAMES) leftOut.names.push(printableName(entry.name));
        continue;
      }
      if (top.length < MOST_NAMES && !top.includes(parts[0]!)) top.push(parts[0]!);
      const path = join(staged, ...parts);
      if (entry.kind === "folder") await makeFolder(path);
      else await take(entry, path);
    }
    await queue.drain();
    if (seen.size + leftOut.count + top.length === 0) throw new Error("there is nothing in it");
  } finally {
    await queue.settle(); // nothing is written any more when the caller hears of a failure
  }
}

async function all(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const got: Uint8Array[] = [];
  for await (const block of blocks) got.push(block);
  return got;
}

/** Does something for each key once. */
function once(work: (key: string) => Promise<unknown>): (key: string) => Promise<void> {
  const done = new Set<string>();
  return async (key) => {
    if (done.has(key)) return;
    await work(key);
    done.add(key);
  };
}
