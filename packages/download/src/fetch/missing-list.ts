import { cellText, csvLine } from "@csl/internal/csv/csv-line";
import { CslError } from "@csl/internal/errors/csl-error";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import { type FetchFiles, writing } from "../files.js";

/** An image that could not be fetched. */
export type MissingImage = { id: string; url: string; reason: string };
/** `again`: a later run tries it (the network failed); otherwise the server has said that it is not there. */
type MissingEntry = MissingImage & { again: boolean };

const SPEAKER = "fetchImages";
const HEADER = "id,url,reason,again";

/**
 * missing.csv (`id,url,reason,again`): added to during a run, so that a killed run leaves it too, and rewritten
 * at its end without what has been found since; it goes when nothing is missing.
 */
export class MissingList {
  #entries = new Map<string, MissingEntry>();
  #queue: Promise<void> = Promise.resolve();
  #started = false;
  readonly #path: string | undefined;
  readonly #files: FetchFiles;

  /** Without a path it is kept in memory only. */
  constructor(path: string | undefined, files: FetchFiles) {
    this.#path = path;
    this.#files = files;
  }

  /** @throws CslError `already-exists` when a file of that name is there that no run of ours wrote. */
  async read(): Promise<void> {
    if (!this.#path) return;
    const text = await this.#files.readFile(this.#path, "utf8").catch(() => "");
    if (text !== "" && !HEADER.startsWith(text) && !text.startsWith(HEADER))
      throw new CslError(
        "already-exists",
        `${SPEAKER}: expected ${this.#path} to be a list of missing images of an earlier run, got something else. ` +
          "It would be replaced: rename it, or choose another folder.",
      );
    for (const line of text.split("\n").slice(1)) {
      const [id, url, reason, again] = parseLine(line);
      if (again) this.#entries.set(id!, { id: id!, url: url!, reason: reason!, again: again === "yes" });
    }
    this.#started = text.startsWith(HEADER) && text.endsWith("\n");
  }

  /** The final answer that an earlier run got about the image. */
  final(id: string, url: string): MissingImage | undefined {
    const entry = this.#entries.get(id);
    return entry && !entry.again && entry.url === url ? entry : undefined;
  }

  async add(entry: MissingEntry): Promise<void> {
    this.#entries.set(entry.id, entry);
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
    this.#entries.delete(id);
  }

  async close(): Promise<void> {
    await this.#queue;
    const path = this.#path;
    if (!path) return;
    await writing(SPEAKER, path, () =>
      this.#entries.size > 0 ? this.#rewrite() : this.#files.rm(path, { force: true }),
    );
  }

  async #rewrite(): Promise<void> {
    const path = this.#path!;
    const lines = [...this.#entries.values()].map(toLine);
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
