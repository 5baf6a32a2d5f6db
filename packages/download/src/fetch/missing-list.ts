import { dirname, join } from "node:path";
import { cellText, csvLine } from "@csl/internal/csv/csv-line";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { type FetchFiles, writing } from "../files.js";

/** An image that could not be fetched. */
export type MissingImage = { id: string; url: string; reason: string };
/** `again`: a later run tries it (the network failed); otherwise the server has said that it is not there. */
type MissingEntry = MissingImage & { again: boolean };

/** What a run has found: images that cannot be fetched, and ids of those that are there now. */
export interface MissingChanges {
  added: MissingEntry[];
  deleted: string[];
}

const NAME = "missing.csv";
const PARTS = "missing.parts";
const SPEAKER = "fetchImages";
const HEADER = "id,url,reason,again";

/**
 * missing.csv (`id,url,reason,again`): added to during a run, so that a killed run leaves it too, and rewritten
 * at its end without what has been found since; it goes when nothing is missing.
 */
export class MissingList {
  #entries = new Map<string, MissingEntry>();
  #queue: Promise<void> = Promise.resolve();
  /** Of this run: for the list of another rank. */
  readonly #changes = { added: new Map<string, MissingEntry>(), deleted: new Set<string>() };
  #started = false;
  readonly #part: boolean;
  readonly #folder: string | undefined;
  readonly #path: string | undefined;
  readonly #files: FetchFiles;

  /**
   * Without a folder it is kept in memory only. Of several ranks, rank 0 keeps missing.csv; another one has
   * a file in missing.parts/ until rank 0 has taken it in, so that a killed run leaves what each knew.
   */
  constructor(folder: string | undefined, files: FetchFiles, rank = 0) {
    this.#folder = folder;
    this.#part = rank > 0;
    this.#path =
      folder === undefined ? undefined : rank > 0 ? join(folder, PARTS, `${rank}.csv`) : join(folder, NAME);
    this.#files = files;
  }

  /** @throws CslError `already-exists` when a file of that name is there that no run of ours wrote. */
  async read(): Promise<void> {
    if (this.#folder === undefined) return;
    const parts = await this.#files.readdir(join(this.#folder, PARTS)).catch(() => []);
    for (const name of [NAME, ...parts.map((part) => join(PARTS, part))])
      await this.#readFile(join(this.#folder, name));
  }

  async #readFile(path: string): Promise<void> {
    const text = await this.#files.readFile(path, "utf8").catch(() => "");
    if (text !== "" && !HEADER.startsWith(text) && !text.startsWith(HEADER))
      throw new CslError(
        "already-exists",
        `${SPEAKER}: expected ${path} to be a list of missing images of an earlier run, got something else. ` +
          "It would be replaced: rename it, or choose another folder.",
      );
    for (const line of text.split("\n").slice(1)) {
      const [id, url, reason, again] = parseLine(line);
      if (again) this.#entries.set(id!, { id: id!, url: url!, reason: reason!, again: again === "yes" });
    }
    if (path === this.#path && !this.#part) this.#started = text.startsWith(HEADER) && text.endsWith("\n");
  }

  /** The final answer that an earlier run got about the image. */
  final(id: string, url: string): MissingImage | undefined {
    const entry = this.#entries.get(id);
    return entry && !entry.again && entry.url === url ? entry : undefined;
  }

  async add(entry: MissingEntry): Promise<void> {
    this.#note(entry);
    const path = this.#path;
    if (!path) return;
    // One after the other: lines of two writers would mix.
    this.#queue = this.#queue.then(() =>
      writing(SPEAKER, path, async () => {
        if (!this.#started) {
          await this.#rewrite();
          this.#started = true;
        } else await this.#files.appendFile(path, toLine(entry));
      }),
    );
    this.#queue.catch(() => {});
    await this.#queue;
  }

  /** The image is there now. */
  delete(id: string): void {
    if (!this.#entries.delete(id)) return;
    this.#changes.deleted.add(id);
    this.#changes.added.delete(id);
  }

  /** What this run has found. */
  get changes(): MissingChanges {
    return { added: [...this.#changes.added.values()], deleted: [...this.#changes.deleted] };
  }

  /** Takes in what another rank has found. */
  take({ added, deleted }: MissingChanges): void {
    for (const id of deleted) this.delete(id);
    for (const entry of added) this.#note(entry);
  }

  #note(entry: MissingEntry): void {
    this.#entries.set(entry.id, entry);
    this.#changes.added.set(entry.id, entry);
    this.#changes.deleted.delete(entry.id);
  }

  /** Writes what is left; a rank's part stays as it is, to be taken in. */
  async close(): Promise<void> {
    await this.#queue;
    const path = this.#path;
    if (!path || this.#part) return;
    await writing(SPEAKER, path, () =>
      this.#entries.size > 0 ? this.#rewrite() : this.#files.rm(path, { force: true }),
    );
    await this.#files.rm(join(this.#folder!, PARTS), { force: true, recursive: true }).catch(() => {});
  }

  async #rewrite(): Promise<void> {
    const path = this.#path!;
    if (this.#part) await this.#files.mkdir(dirname(path), { recursive: true });
    const entries = this.#part ? this.#changes.added : this.#entries;
    const lines = [...entries.values()].map(toLine);
    await writeFileAtomically(path, `${HEADER}\n${lines.join("")}`, SPEAKER, { files: this.#files });
  }
}

function toLine({ id, url, reason, again }: MissingEntry): string {
  const cells = [id, url, reason, again ? "yes" : "no"];
  return csvLine(cells.map((text) => text.replaceAll(/\s*[\r\n]+\s*/g, " ")));
}

/** The fields of one line that `toLine` wrote. */
function parseLine(line: string): string[] {
  const fields = line.match(/(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)/g) ?? [];
  return fields.map((field) =>
    cellText(
      field
        .replace(/^,/, "")
        .replace(/^"(.*)"$/, "$1")
        .replaceAll('""', '"'),
    ),
  );
}
