import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";

/**
 * A folder that one function fills: `<name>.json` is written last and says that all of it is there;
 * `<name>.unfinished` stands beside it while it is being filled, and after an interruption.
 */
export interface OwnedFolder {
  readonly folder: string;
  readonly name: string;
  /** Files and folders of ours in it: removed before it is filled again. Anything else in it is left alone. */
  readonly entries: readonly string[];
  /** Who speaks in errors. */
  readonly speaker: string;
}

/** Whether the folder was filled to the end. */
export async function isFinished({ folder, name, speaker }: OwnedFolder): Promise<boolean> {
  const found = await listFolder(folder, speaker);
  return found.includes(`${name}.json`) && !found.includes(`${name}.unfinished`);
}

/** Makes the folder ready to be filled. @throws when it holds what we did not write. */
export async function beginFolder({ folder, name, entries, speaker }: OwnedFolder): Promise<void> {
  const found = await listFolder(folder, speaker);
  const marks = [`${name}.json`, `${name}.unfinished`];
  if (found.length > 0 && !found.some((entry) => marks.includes(entry))) {
    throw new Error(
      `${speaker}: expected an empty or new folder, got ${folder} with other files in it (${found[0]}). ` +
        "Choose another folder.",
    );
  }
  await writing(folder, speaker, async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.unfinished`), "");
    for (const entry of [`${name}.json`, ...entries])
      await rm(join(folder, entry), { recursive: true, force: true });
  });
}

/** Declares the folder complete, with `manifest` as its description. */
export async function finishFolder({ folder, name, speaker }: OwnedFolder, manifest: object): Promise<void> {
  await writeFileAtomically(join(folder, `${name}.json`), `${JSON.stringify(manifest, null, 2)}\n`, speaker);
  await writing(folder, speaker, () => rm(join(folder, `${name}.unfinished`), { force: true }));
}

/** Runs a step that writes into `folder`; a refusal of the file system becomes an error a reader can act on. */
export async function writing<T>(folder: string, speaker: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new Error(
      `${speaker}: expected to write into ${folder}, got ${code} (${message}). ` +
        "Is the folder writable, and is there room?",
      { cause },
    );
  }
}

async function listFolder(folder: string, speaker: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new Error(`${speaker}: expected a folder that can be read, got ${code} for ${folder}.`, { cause });
  }
}
