import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { flushAndRename, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { FetchFiles } from "../files.js";
import type { Received } from "./body-plan.js";

/** From this length on a file gets a note beside its `.part`, by which a later run can continue it. */
const NOTE_FROM = 1 << 20;

type Note = Omit<Received, "bytes"> & { url: string };

/**
 * A file on its way: `<path>.part`, and for large ones `<path>.part.json` with what is needed to continue after a
 * restart. The final name appears by a rename, once everything has been checked.
 */
export class PartFile {
  readonly path: string;
  have: Received = { bytes: 0 };
  #noted = false;
  #handle: FileHandle | undefined;
  readonly #target: string;
  readonly #files: FetchFiles;
  readonly #speaker: string;

  constructor(target: string, { files, speaker }: { files: FetchFiles; speaker: string }) {
    this.#target = target;
    this.path = `${target}.part`;
    this.#files = files;
    this.#speaker = speaker;
  }

  /** Finds what an earlier run left of the same address; anything else there will be overwritten. */
  async find(url: string): Promise<void> {
    try {
      const text = await this.#files.readFile(this.#notePath, "utf8");
      this.#noted = true;
      const { url: notedUrl, ...note } = JSON.parse(text) as Note;
      if (notedUrl !== url) return;
      const { size } = await this.#files.stat(this.path);
      this.have = { ...note, bytes: size };
    } catch {
      // No note, or a damaged one: nothing is known about the bytes, so they do not count.
    }
  }

  /** Prepares for a body that goes to `start`. */
  async begin(
    url: string,
    start: number,
    { validator, total, md5, sha256 }: Omit<Received, "bytes">,
  ): Promise<void> {
    if (this.#handle === undefined) {
      await this.#files.mkdir(dirname(this.path), { recursive: true });
      this.#handle = await this.#files.open(this.path, start > 0 ? "r+" : "w");
    }
    if (start === 0 || start !== this.have.bytes) await this.#handle.truncate(start);
    const known = { validator, total, md5, sha256 };
    this.have = { bytes: start, ...known };
    if ((total ?? 0) < NOTE_FROM) return;
    const note = JSON.stringify({ url, ...known } satisfies Note);
    await writeFileAtomically(this.#notePath, note, this.#speaker, { files: this.#files });
    this.#noted = true;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.#handle!.write(chunk, at, chunk.length - at, this.have.bytes);
      at += bytesWritten;
      this.have.bytes += bytesWritten;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    const handle = this.#handle ?? (await this.#files.open(this.path, "r+"));
    this.#handle = undefined;
    await flushAndRename(handle, this.path, this.#target, this.#files);
    if (this.#noted) await this.#files.rm(this.#notePath, { force: true });
  }

  /** Leaves only what a later run can continue. */
  async leave(): Promise<void> {
    await this.close();
    if (!this.#noted || this.have.bytes === 0) await this.discard();
  }

  async discard(): Promise<void> {
    await this.close();
    this.have = { bytes: 0 };
    await this.#files.rm(this.path, { force: true });
    if (this.#noted) await this.#files.rm(this.#notePath, { force: true });
    this.#noted = false;
  }

  get #notePath(): string {
    return `${this.path}.json`;
  }
}
