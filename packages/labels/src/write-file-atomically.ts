/**
 * Writes to a temporary name beside `path` and renames: readers see the old file or the new one, never half of it.
 * Makes the folder. Node only.
 *
 * @param speaker who writes, as errors begin: `saveLabelTable`.
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string | readonly Uint8Array[],
  speaker: string,
): Promise<void> {
  // Asked for on use and not imported, so that the package bundles and loads in a browser.
  const { mkdir, rename, rm, writeFile } = process.getBuiltinModule("node:fs/promises");
  const { dirname } = process.getBuiltinModule("node:path");
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
