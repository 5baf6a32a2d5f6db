import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";
import { explainWriteError } from "@csl/internal/files/explain-write-error";
import { lockFile } from "@csl/internal/files/file-lock";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { FileRecord } from "./file-record.js";

/**
 * A folder that one function fills: `<name>.json` is written last and means that all of it is there;
 * `<name>.unfinished` is next to it while it is being filled, and after an interruption. `<name>.files` lists what was
 * written: that, and nothing else, is removed when the folder is filled again.
 */
export interface OwnedFolder {
  readonly folder: string;
  readonly name: string;
  /** The function that fills it, as errors begin. */
  readonly speaker: string;
}

/** What fills the folder. */
export interface Filling {
  /** Every file that `fill` writes, below the folder, with `/` between its parts. */
  readonly files: readonly string[];
  /** Folders in this one that other functions filled from it: what they wrote is removed as well. */
  readonly derived?: readonly Pick<OwnedFolder, "folder" | "name">[];
  /** @returns the folder's description, the content of `<name>.json` */
  fill(): Promise<object>;
}

/** Whether the folder was filled to the end. */
export async function isFinished({ folder, name, speaker }: OwnedFolder): Promise<boolean> {
  const found = await listFolder(folder, speaker);
  return found.includes(`${name}.json`) && !found.includes(`${name}.unfinished`);
}

/**
 * Empties the folder of what was written into it before, has `fill` write it again and declares the folder complete.
 * Files of a person in it stay. One run at a time: a second one is refused.
 *
 * @throws CslError `already-exists` when the folder was not filled by us, or a file of a person has the name of one that
 * would be written; `in-use`; `cannot-write`.
 */
export async function fillFolder(owned: OwnedFolder, { files, derived = [], fill }: Filling): Promise<void> {
  const { folder, name, speaker } = owned;
  await refuseForeignFolder(owned);
  const lock = await lockFile(join(folder, `${name}.lock`), { speaker });
  try {
    const record = new FileRecord(folder, name);
    // A folder that holds no list was filled before there were any: what has our names is ours.
    const earlier = (await record.read()) ?? new Set(files);
    await refuseForeignFiles(owned, files, earlier);
    await mkdir(folder, { recursive: true });
    await record.begin([...earlier, ...files], speaker);
    await clear(owned, earlier);
    for (const below of derived) {
      const inner = await new FileRecord(below.folder, below.name).read();
      if (inner) await clear(below, new Set([...inner, `${below.name}.unfinished`, `${below.name}.files`]));
    }
    const manifest = await fill();
    lock.assertHeld();
    await record.end(files, speaker);
    const path = join(folder, `${name}.json`);
    await writeFileAtomically(path, `${JSON.stringify(manifest, null, 2)}\n`, speaker);
    await record.declareWhole();
  } catch (error) {
    throw explainWriteError(error, { path: folder, speaker, state: "the folder is marked as unfinished" });
  } finally {
    await lock.release();
  }
}

/** Removes the files, and the folders in which nothing is left. */
async function clear(
  { folder, name }: Pick<OwnedFolder, "folder" | "name">,
  files: ReadonlySet<string>,
): Promise<void> {
  const inner = new Set([...files].map((file) => dirname(file)));
  for (const below of inner) await removeTemporaryFiles(join(folder, below), { alone: true });
  for (const file of [`${name}.json`, ...files]) await rm(join(folder, file), { force: true });
  for (const below of [...inner].sort((a, b) => b.length - a.length)) {
    await rmdir(join(folder, below)).catch(() => {}); // a person's files are in it, or a link leads to it
  }
}

async function refuseForeignFolder({ folder, name, speaker }: OwnedFolder): Promise<void> {
  const found = await listFolder(folder, speaker);
  const marks = ["json", "unfinished", "lock"].map((ending) => `${name}.${ending}`);
  if (found.length > 0 && !found.some((entry) => marks.includes(entry)))
    throw new CslError(
      "already-exists",
      `${speaker}: expected an empty or new folder, got ${folder} with other files in it (${found[0]}). ` +
        "Choose another folder.",
    );
}

/** A name that would be written may be taken by a person's file: one that no earlier run has written. */
async function refuseForeignFiles(
  { folder, speaker }: OwnedFolder,
  files: readonly string[],
  earlier: ReadonlySet<string>,
): Promise<void> {
  const there = new Map<string, Set<string>>();
  for (const file of files) {
    if (earlier.has(file)) continue;
    const below = join(folder, dirname(file));
    if (!there.has(below)) there.set(below, new Set(await listFolder(below, speaker)));
    if (!there.get(below)!.has(basename(file))) continue;
    throw new CslError(
      "already-exists",
      `${speaker}: expected no file at ${join(folder, file)} but those that it wrote, got another one, which would be lost. ` +
        "Move it away, or choose another folder.",
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
