import { close, open, read } from "node:fs";
import { promisify } from "node:util";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ByteRange } from "./image-list.js";

type OpenFile = { descriptor: Promise<number>; readers: number };

const [openFile, readFile, closeFile] = [promisify(open), promisify(read), promisify(close)];

/**
 * Reads ranges of files by position and keeps the files open, so that shuffled reading over many shards does not
 * open one per image. The least recently used file is closed when `limit` are open.
 */
export class FileRanges {
  // Plain descriptors: a forgotten FileHandle warns, and a worker that is ended closes its descriptors anyhow.
  #files = new Map<string, OpenFile>();

  constructor(readonly limit = 64) {}

  /** @throws when the file cannot be opened, or ends before the range does */
  async read({ file, offset, length }: ByteRange): Promise<Uint8Array> {
    const entry = this.#use(file);
    try {
      const bytes = new Uint8Array(length);
      const descriptor = await entry.descriptor;
      let got = 0;
      while (got < length) {
        const { bytesRead } = await readFile(descriptor, bytes, got, length - got, offset + got);
        if (bytesRead === 0) {
          throw new CslError(
            "invalid-file",
            `FileRanges: expected ${length} bytes at ${offset} of ${file}, got ${got}: the file is shorter. ` +
              "Was it cut or replaced after it was indexed?",
          );
        }
        got += bytesRead;
      }
      return bytes;
    } finally {
      entry.readers--;
      if (this.#files.get(file) !== entry) this.#closeUnused(entry);
    }
  }

  close(): void {
    for (const file of [...this.#files.keys()]) this.#forget(file);
  }

  #use(file: string): OpenFile {
    const known = this.#files.get(file);
    const entry = known ?? { descriptor: openFile(file, "r"), readers: 0 };
    entry.readers++;
    this.#files.delete(file);
    this.#files.set(file, entry);
    if (!known) {
      // The next reader of a file that could not be opened tries again.
      entry.descriptor.catch(() => this.#files.delete(file));
      for (const [name, { readers }] of this.#files) {
        if (this.#files.size <= this.limit) break;
        if (readers === 0) this.#forget(name);
      }
    }
    return entry;
  }

  #forget(file: string): void {
    const entry = this.#files.get(file);
    this.#files.delete(file);
    if (entry) this.#closeUnused(entry);
  }

  /** A descriptor that is still read from is closed by its last reader. */
  #closeUnused({ descriptor, readers }: OpenFile): void {
    if (readers === 0) descriptor.then(closeFile).catch(() => {});
  }
}
