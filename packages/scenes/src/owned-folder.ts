import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";

/**
 * A folder that one function fills: `<name>.json` is written last and means that all of it is there;
 * `<name>.unfinished` is next to it while it is being filled, and after an interruption.
 */
export interface OwnedFolder {
  readonly folder: string;
  readonly name: string;
  /** Files and folders of ours in it: removed before it is filled again. Anything else in it is left alone. */
  readonly entries: readonly string[];
  /** How the files in some of these folders are called: any other one there is a person's. */
  readonly names?: Readonly<Record<string, RegExp>>;
  /** The function that fills it, as errors begin. */
  readonly speaker: string;
}

/** Whether the folder was filled to the end. */
export async function isFinished({ folder, name, speaker }: OwnedFolder): Promise<boolean> {
  const found = await listFolder(folder, speaker);
  return found.includes(`${name}.json`) && !found.includes(`${name}.unfinished`);
}

/**
 * Empties the folder of our entries, has `fill` write them again and declares the folder complete. One run at a time: a
 * second one is refused.
 *
 * @param fill returns the folder's description, the content of `<name>.json`.
 * @throws CslError `already-exists` when the folder holds what we did not write; `in-use`; `cannot-write`.
 */
export async function fillFolder(owned: OwnedFolder, fill: () => Promise<object>): Promise<void> {
  const { folder, name, entries, speaker } = owned;
  await refuseForeignFiles(owned);
  const lock = await lockFile(join(folder, `${name}.lock`), { speaker });
  const unfinished = join(folder, `${name}.unfinished`);
  try {
    await mkdir(folder, { recursive: true });
    await removeTemporaryFiles(folder, { alone: true });
    await writeFile(unfinished, "");
    for (const entry of [`${name}.json`, ...entries])
      await rm(join(folder, entry), { recursive: true, force: true });
    const manifest = await fill();
    lock.assertHeld();
    await writeFileAtomically(
      join(folder, `${name}.json`),
      `${JSON.stringify(manifest, null, 2)}\n`,
      speaker,
    );
    await rm(unfinished, { force: true });
  } catch (error) {
    throw explainWriteError(error, { path: folder, speaker, state: "the folder is marked as unfinished" });
  } finally {
    await lock.release();
  }
}

async function refuseForeignFiles({ folder, name, names = {}, speaker }: OwnedFolder): Promise<void> {
  const found = await listFolder(folder, speaker);
  const marks = ["json", "unfinished", "lock"].map((ending) => `${name}.${ending}`);
  if (found.length > 0 && !found.some((entry) => marks.includes(entry))) {
    throw new CslError(
      "already-exists",
      `${speaker}: expected an empty or new folder, got ${folder} with other files in it (${found[0]}). ` +
        "Choose another folder.",
    );
  }
  for (const [entry, ours] of Object.entries(names)) {
    if (!found.includes(entry)) continue;
    const foreign = (await listFolder(join(folder, entry), speaker)).find(
      (file) => !ours.test(file) && !file.startsWith("."), // the system puts some there by itself
    );
    if (foreign !== undefined)
      throw new CslError(
        "already-exists",
        `${speaker}: expected ${join(folder, entry)} to hold nothing but what was drawn, got ${foreign} in it, which would be ` +
          "lost. Move it away, or choose another folder.",
      );
  }
}

async function listFolder(folder: string, speaker: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    throw new CslError(
      "cannot-read",
      `${speaker}: expected a folder that can be read, got ${code} for ${folder}. Choose another folder.`,
      { cause },
    );
  }
}
