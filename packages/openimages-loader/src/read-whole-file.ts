import { readFile } from "node:fs/promises";

/** A small file's bytes. @throws in the name of `speaker` when it is not there, is a folder, or may not be read. */
export async function readWholeFile(path: string, speaker: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code = "an error" } = cause as NodeJS.ErrnoException;
    throw new Error(`${speaker}: expected a file at ${path}, got ${code}. Is the path right?`, { cause });
  }
}
