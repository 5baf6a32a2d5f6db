import { basename, dirname } from "node:path";
import { removeTemporaryFiles } from "@csl/internal/files/temporary-files";
import type { FetchFiles } from "../files.js";

/**
 * Which files are there, by one listing per folder instead of one look per file: a million images in one folder take
 * a second. Unlike a journal it stays right whatever is deleted or copied between two runs.
 */
export class FolderListing {
  #folders = new Map<string, Promise<Set<string>>>();
  readonly #files: Pick<FetchFiles, "readdir" | "rm" | "stat">;

  constructor(files: Pick<FetchFiles, "readdir" | "rm" | "stat">) {
    this.#files = files;
  }

  async has(path: string): Promise<boolean> {
    return (await this.#namesIn(dirname(path))).has(basename(path));
  }

  /** Notes a file that has come since. */
  async add(path: string): Promise<void> {
    (await this.#namesIn(dirname(path))).add(basename(path));
  }

  /** Removes the temporary files that killed runs left in a folder; in those that are looked into, they go by themselves. */
  async tidy(folder: string): Promise<void> {
    await this.#namesIn(folder);
  }

  #namesIn(folder: string): Promise<Set<string>> {
    let names = this.#folders.get(folder);
    if (!names) {
      names = this.#list(folder);
      this.#folders.set(folder, names);
    }
    return names;
  }

  async #list(folder: string): Promise<Set<string>> {
    const names = await this.#files.readdir(folder).catch(() => []); // not there yet
    if (names.some((name) => name.endsWith(".tmp")))
      await removeTemporaryFiles(folder, { files: this.#files });
    return new Set(names);
  }
}
