import { explainWriteError } from "./explain-write-error.js";
import { removeTemporaryFiles, temporaryName } from "./temporary-files.js";

/** What a file that is being written takes; a `FileHandle` of Node is one. */
export interface WritableFile {
  write(bytes: Uint8Array, from: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  /** Appends to what its last call wrote. */
  writeFile(data: Uint8Array | string): Promise<void>;
}

/** The file system that the writing takes; `node:fs/promises` is one, tests hand in one that fails. */
export interface AtomicFiles {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(
    path: string,
    flags: string,
  ): Promise<WritableFile & { sync(): Promise<void>; close(): Promise<void> }>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<{ mtimeMs: number }>;
}

/**
 * Writes to a temporary name beside `path`, flushes it to the disk and renames: readers see the old file or the new
 * one, never half of it, also after a power cut, whoever else writes it at the same time, on other machines too. Makes
 * the folder. An error leaves no temporary file; those that killed runs left are removed.
 * Node only.
 *
 * @param data the content, or what writes it to the open file.
 * @param speaker who writes, as errors begin: `writeLabelTable`.
 * @throws naming the file, the reason (`the disk is full`) and the way out; what a function as `data` throws by itself
 * comes out as it is.
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string | readonly Uint8Array[] | ((file: WritableFile) => Promise<void>),
  speaker: string,
  // Asked for on use and not imported, so that the package bundles and loads in a browser.
  { files = process.getBuiltinModule("node:fs/promises") }: { files?: AtomicFiles } = {},
): Promise<void> {
  const { basename, dirname } = process.getBuiltinModule("node:path");
  let temporary: string | undefined;
  try {
    await files.mkdir(dirname(path), { recursive: true });
    const { name, file } = await openTemporary(path, files);
    temporary = name;
    try {
      if (typeof data === "function") await data(file);
      else for (const part of toParts(data)) await file.writeFile(part);
    } catch (error) {
      await file.close();
      throw error;
    }
    await flushAndRename(file, temporary, path, files);
  } catch (error) {
    if (temporary !== undefined) await files.rm(temporary, { force: true }).catch(() => {});
    throw concerns(error, path) ? explainWriteError(error, { path, speaker }) : error;
  }
  // The file is there: what follows may fail.
  await flushFolder(dirname(path), files).catch(() => {});
  await removeTemporaryFiles(dirname(path), { of: basename(path), files });
}

/**
 * The end of every write of a whole file, also of one that came in pieces: flushes it to the disk, closes it (after an
 * error too) and gives it its name. A name therefore never stands for a file that a power cut left empty.
 */
export async function flushAndRename(
  file: { sync(): Promise<void>; close(): Promise<void> },
  temporary: string,
  path: string,
  { rename }: Pick<AtomicFiles, "rename">,
): Promise<void> {
  try {
    await flush(file);
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Whether the error is of the file or its folder, and not of something that was read to write it. */
function concerns(error: unknown, path: string): boolean {
  const { path: of = path } = (error ?? {}) as NodeJS.ErrnoException;
  return of.startsWith(path) || path.startsWith(of);
}

/** A file of a name that no other run uses. In containers all have the same process number. */
async function openTemporary(
  path: string,
  { open }: AtomicFiles,
): Promise<{ name: string; file: Awaited<ReturnType<AtomicFiles["open"]>> }> {
  for (;;) {
    const name = temporaryName(path);
    const file = await open(name, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return undefined; // another's, or a killed run's
      throw error;
    });
    if (file) return { name, file };
  }
}

function toParts(data: Uint8Array | string | readonly Uint8Array[]): readonly (Uint8Array | string)[] {
  return typeof data === "string" || data instanceof Uint8Array ? [data] : data;
}

/** To the disk itself: a rename may survive a power cut that the content did not. */
async function flush(file: { sync(): Promise<void> }): Promise<void> {
  await file.sync().catch((error: NodeJS.ErrnoException) => {
    // Some file systems do not offer it.
    if (error.code !== "EINVAL" && error.code !== "ENOTSUP") throw error;
  });
}

/** Makes the rename itself survive a power cut. Windows opens no folders; the file is whole all the same. */
async function flushFolder(folder: string, { open }: AtomicFiles): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
