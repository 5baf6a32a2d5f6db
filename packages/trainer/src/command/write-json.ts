import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a value as indented JSON under a temporary name first, so that the file is whole or not there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes text or bytes under a temporary name and renames. @throws with the way out when the folder cannot be written. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    throw new Error(
      `csl: cannot write ${path}: ${(cause as Error).message}. Choose another folder or its rights.`,
    );
  }
}
