import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file so that its name holds either the old content or the whole new one: into a temporary file beside
 * it, flushed to the disk, then renamed. An error leaves no temporary file. One writer per path.
 *
 * @throws what `write` throws; for a full disk or a folder without permission, naming the file and the way out.
 */
export async function atomicWrite(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`; // one name, so that what a killed run left is overwritten, not piled up
  try {
    const file = await open(temporary, "w");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explained(path, error as NodeJS.ErrnoException);
  }
  await syncFolder(dirname(path));
}

/** The system's reason with the file's name; any other error as it is. */
function explained(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined || error.syscall === undefined) return error;
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  const wayOut = full ? "Make room on the disk" : "Choose another folder, or change its permissions";
  return new Error(`cannot write ${path}: ${error.message}. ${wayOut}; what was there before is as it was.`, {
    cause: error,
  });
}

/** Makes the rename itself survive a power cut. Some file systems cannot; their file is whole all the same. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows opens no folders.
  }
}

/**
 * Makes `folder` and proves that files can be written into it, before hours of work are at stake.
 *
 * @throws naming the folder, the system's reason and the way out.
 */
export async function ensureWritableFolder(speaker: string, folder: string): Promise<void> {
  const probe = `${folder}/.write-test-${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await (await open(probe, "w")).close();
    await rm(probe);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${speaker}: expected a folder that can be written, got ${folder} (${code}). Choose another folder or change its permissions.`,
      { cause },
    );
  }
}
