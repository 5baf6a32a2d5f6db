import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";

/**
 * Which files of a folder were written by us, one a line: in `<name>.files` once all are there, and until then in
 * `<name>.unfinished`, which also names those of the run before, as they may not all be removed yet.
 */
export class FileRecord {
  readonly #whole: string;
  readonly #unfinished: string;

  constructor(folder: string, name: string) {
    this.#whole = join(folder, `${name}.files`);
    this.#unfinished = join(folder, `${name}.unfinished`);
  }

  /** Files below the folder that earlier runs have written, or may have written; undefined when nothing tells. */
  async read(): Promise<Set<string> | undefined> {
    const texts = await Promise.all([this.#whole, this.#unfinished].map(readIfThere));
    const found = texts.filter((text) => text !== undefined);
    if (found.length === 0) return undefined;
    return new Set(found.flatMap((text) => text.split("\n")).filter(isBelow));
  }

  /** Before the first file is touched. */
  async begin(files: Iterable<string>, speaker: string): Promise<void> {
    await writeFileAtomically(this.#unfinished, toLines(new Set(files)), speaker);
  }

  /** When all files are there. */
  async end(files: Iterable<string>, speaker: string): Promise<void> {
    await writeFileAtomically(this.#whole, toLines(files), speaker);
  }

  async declareWhole(): Promise<void> {
    await rm(this.#unfinished, { force: true });
  }
}

/** A record that somebody changed leads to no file outside of the folder. */
function isBelow(file: string): boolean {
  return file !== "" && !/^([/\\]|[a-z]:)/i.test(file) && !file.split(/[/\\]/).includes("..");
}

function toLines(files: Iterable<string>): string {
  return Array.from(files, (file) => `${file}\n`).join("");
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
