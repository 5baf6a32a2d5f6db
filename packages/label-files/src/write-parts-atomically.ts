import { open, rename, rm } from "node:fs/promises";

let counter = 0;

/** Writes parts one after another to a temporary name beside `path`, then renames: the old file or the whole new one. */
export async function writePartsAtomically(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const temporary = `${path}.${process.pid}-${(counter++).toString(36)}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      for (const part of parts) await file.writeFile(part);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
