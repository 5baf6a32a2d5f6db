import { basename, dirname } from "node:path";
import type { FetchFiles } from "../files.js";

/**
 * Which files are there, by one listing per folder instead of one look per file: a million images in one folder take
 * a second. Unlike a journal it stays right whatever is deleted or copied between two runs.
 */
export class FolderListing {
  #folders = new Map<string, Promise<Set<string>>>();
  readonly #files: Pick<FetchFiles, "readdir">;

  constructor(files: Pick<FetchFiles, "readdir">) {
    this.#files = files;
  }

  async has(path: string): Promise<boolean> {
    return (await this.#namesIn(dirname(path))).has(basename(path));
  }

  /** Notes a file that has come since. */
  async add(path: string): Promise<void> {
    (await this.#namesIn(dirname(path))).add(basename(path));
  }

  #namesIn(folder: string): Promise<Set<string>> {
    let names = this.#folders.get(folder);
    if (!names) {
      names = this.#files.readdir(folder).then(
        (list) => new Set(list),
        () => new Set<string>(), // not there yet
      );
      this.#folders.set(folder, names);
    }
    return names;
  }
}
