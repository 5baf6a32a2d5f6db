import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { CslError } from "../errors/csl-error.js";
import { notAFile } from "./file-key.js";

const BLOCK = 1 << 20;

export interface ReadBlocksOptions {
  /** Bytes read at a time. */
  blockSize?: number;
  signal?: AbortSignal;
  /** Called after every block with the bytes of the file (compressed ones, of a .gz) read so far, and its size. */
  onProgress?: (read: number, total: number) => void;
}

/**
 * The bytes of a file, block after block, in constant memory; a gzip file (known by its first two bytes, not by its
 * name) comes unpacked. The next block is read while the caller works on this one: **a block is valid until the next
 * one is asked for**. An empty file gives no block.
 *
 * @throws CslError for a missing or unreadable file, and for a gzip file that is damaged or cut off; messages do not name
 *   the file. The reason of `signal` when it aborts.
 */
export async function* readBlocks(
  path: string,
  { blockSize = BLOCK, signal, onProgress }: ReadBlocksOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  if (!(Number.isInteger(blockSize) && blockSize > 0))
    throw new CslError("invalid-argument", `expected a blockSize in bytes, got ${blockSize}.`);
  const file = await opened(path);
  try {
    const total = (await file.stat()).size;
    const report = (read: number): void => onProgress?.(read, Math.max(total, read));
    const magic = Buffer.alloc(2);
    const { bytesRead } = await file.read(magic, 0, 2, 0);
    if (bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b) {
      yield* unpacked(path, { blockSize, report, ...(signal ? { signal } : {}) });
    } else {
      yield* plain(file, { blockSize, report, ...(signal ? { signal } : {}) });
    }
  } finally {
    await file.close();
  }
}

/** The open file. A folder or a pipe is refused here; it would fail only at the first read. */
async function opened(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    throw notAFile((cause as NodeJS.ErrnoException).code ?? "an error", cause);
  }
  const stats = await file.stat();
  if (stats.isFile()) return file;
  await file.close();
  throw notAFile(stats.isDirectory() ? "a folder" : "a pipe or a device, which cannot be read twice");
}

interface Source {
  blockSize: number;
  report: (read: number) => void;
  signal?: AbortSignal;
}

/** Two buffers: one is the caller's, the other is being filled. */
async function* plain(file: FileHandle, { blockSize, report, signal }: Source): AsyncGenerator<Buffer, void> {
  let mine = Buffer.allocUnsafeSlow(blockSize);
  let filling = Buffer.allocUnsafeSlow(blockSize);
  let position = 0;
  const fill = (): Promise<number> => {
    const read = file.read(filling, 0, blockSize, position).then(({ bytesRead }) => bytesRead);
    // A read that fails while the caller is at work is reported when its block is asked for.
    read.catch(() => {});
    return read;
  };
  let pending = fill();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const length = await pending;
      signal?.throwIfAborted();
      if (length === 0) return;
      position += length;
      [mine, filling] = [filling, mine];
      pending = fill();
      report(position);
      yield mine.subarray(0, length);
    }
  } finally {
    // The caller may have stopped early: the file is closed only when nobody reads from it.
    await pending.catch(() => {});
  }
}

async function* unpacked(path: string, { blockSize, report, signal }: Source): AsyncGenerator<Buffer, void> {
  const source = createReadStream(path, { highWaterMark: 1 << 18, ...(signal ? { signal } : {}) });
  const gunzip = createGunzip({ chunkSize: Math.max(blockSize, 64) });
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const block of gunzip) {
      report(source.bytesRead);
      yield block as Buffer;
    }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    const { code = "", message } = cause as NodeJS.ErrnoException;
    if (!code.startsWith("Z_")) throw cause;
    throw new CslError(
      "invalid-file",
      `expected a whole gzip file, got ${message} (${code}) after ${source.bytesRead} bytes. ` +
        "The file is cut off or damaged; copy or download it again.",
      { cause },
    );
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
