/**
 * Writes to a temporary name beside `path` and renames: readers see the old file or the new one, never half of it.
 * Makes the folder. Node only.
 *
 * @param speaker who writes, as errors begin: `saveLabelTable`.
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string,
  speaker: string,
): Promise<void> {
  // Imported on use, so that the rest of the package loads in a browser.
  const { mkdir, rename, rm, writeFile } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const temporary = `${path}.${process.pid}-${(counter++).toString(36)}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    const { code = "error", message } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${speaker}: expected to write ${path}, got ${code} (${message}). Is the folder writable, and is there room?`,
      { cause },
    );
  }
}

let counter = 0;
