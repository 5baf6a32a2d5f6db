/** What a file that is being written takes; a `FileHandle` of Node is one. */
export interface WritableFile {
  write(bytes: Uint8Array, from: number, length: number, position: number): Promise<{ bytesWritten: number }>;
}

/** Milliseconds after which a temporary file that nobody has written to is that of a run that was killed. */
const ABANDONED = 3_600_000;

/**
 * Writes to a temporary name beside `path` and renames: readers see the old file or the new one, never half of it,
 * whoever else writes it at the same time, on other machines too. Makes the folder. Temporary files that killed runs
 * left are removed when they are an hour old. Node only.
 *
 * @param data the content, or what writes it to the open file.
 * @param speaker who writes, as errors begin: `saveLabelTable`.
 */
export async function writeFileAtomically(
  path: string,
  data: Uint8Array | string | readonly Uint8Array[] | ((file: WritableFile) => Promise<void>),
  speaker: string,
): Promise<void> {
  // Asked for on use and not imported, so that the package bundles and loads in a browser.
  const { mkdir, open, rename, rm } = process.getBuiltinModule("node:fs/promises");
  const { dirname } = process.getBuiltinModule("node:path");
  let temporary: string | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    for (let file: Awaited<ReturnType<typeof open>> | undefined; !file; ) {
      const name = `${path}.${process.pid}-${(counter++).toString(36)}.tmp`;
      // In containers all have the same process number: a name that is there is another's, or a killed run's.
      file = await open(name, "wx").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return undefined;
        throw error;
      });
      if (!file) continue;
      temporary = name;
      try {
        if (typeof data === "function") await data(file);
        else await file.writeFile(data as Uint8Array);
      } finally {
        await file.close();
      }
    }
    await rename(temporary!, path);
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    const { code = "error", message } = cause as NodeJS.ErrnoException;
    throw new Error(
      `${speaker}: expected to write ${path}, got ${code} (${message}). Is the folder writable, and is there room?`,
      { cause },
    );
  }
  await removeAbandoned(path).catch(() => {}); // the file is there, which was asked for
}

async function removeAbandoned(path: string): Promise<void> {
  const { readdir, rm, stat } = process.getBuiltinModule("node:fs/promises");
  const { basename, dirname, join } = process.getBuiltinModule("node:path");
  const ours = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(ours) || !/^\d+-[0-9a-z]+\.tmp$/.test(name.slice(ours.length))) continue;
    const left = join(dirname(path), name);
    if (Date.now() - (await stat(left)).mtimeMs > ABANDONED) await rm(left, { force: true });
  }
}

let counter = 0;
