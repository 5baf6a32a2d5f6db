import { createHash } from "node:crypto";
import type * as nodeFiles from "node:fs/promises";
import { join } from "node:path";
import { csvLine } from "@csl/internal/csv/csv-line";
import { CslError } from "@csl/internal/errors/csl-error";
import { type AtomicFiles, writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { Shard } from "../shards/shard-writer.js";

/** Why an image is in no shard. */
export type UnreadableEntry = { position: number; name: string; reason: string };
/** A finished shard and the position of the first image after it. */
export type ShardEntry = Shard & { next: number };

/** What an earlier run left: its finished shards in order, and the images that it could not read. */
export type Journal = { shards: ShardEntry[]; unreadable: UnreadableEntry[] };

export type JournalFiles = Pick<typeof nodeFiles, "readFile" | "appendFile" | "writeFile" | "stat"> &
  AtomicFiles;

/** Everything that decides the bytes of the shards; a run continues only where all of it is the same. */
export type PrepareSetting = Readonly<Record<string, string | number | boolean | null>>;

type Line = { setting: PrepareSetting } | { shard: ShardEntry } | { unreadable: UnreadableEntry };

/**
 * The notes that make a run resumable: `<prefix>.prepare.jsonl` beside the shards, one line per finished shard and per
 * unreadable image, in the order in which they came.
 */
export class PrepareJournal {
  readonly path: string;
  readonly #files: JournalFiles;

  constructor(folder: string, prefix: string, files: JournalFiles) {
    this.path = join(folder, `${prefix}.prepare.jsonl`);
    this.#files = files;
  }

  /**
   * What the earlier run with the same setting finished; undefined when there was none. Shards count as far as
   * they are there in full length.
   *
   * @throws when the earlier run had another setting: the shards of the two would not fit together
   */
  async read(setting: PrepareSetting): Promise<Journal | undefined> {
    const lines = await this.#lines();
    const first = lines[0];
    if (!first || !("setting" in first)) return undefined;
    this.#assertSame(first.setting, setting);
    const journal: Journal = { shards: [], unreadable: [] };
    for (const line of lines) {
      if (line && "unreadable" in line) journal.unreadable.push(line.unreadable);
      else if (line && "shard" in line) {
        if (!(await this.#isWhole(line.shard))) break;
        journal.shards.push(line.shard);
      }
    }
    return journal;
  }

  /**
   * Names of all shards that earlier runs have finished, whatever their setting and whether they are whole.
   *
   * @throws CslError `already-exists` when a file is there that holds no notes of a run: it would be replaced
   */
  async shards(): Promise<string[]> {
    const lines = await this.#lines();
    return [...new Set(lines.flatMap((line) => (line && "shard" in line ? line.shard.name : [])))];
  }

  async #lines(): Promise<(Line | undefined)[]> {
    const text = await this.#files.readFile(this.path, "utf8").catch(() => "");
    if (text === "") return [];
    const lines = text.split("\n").slice(0, -1).map(parsed); // what follows the last newline is a torn line
    if (lines[0] && "setting" in lines[0]) return lines;
    throw ownFile(this.path, "notes");
  }

  /** Writes the file again with what is still true. */
  async start(setting: PrepareSetting, { shards, unreadable }: Journal): Promise<void> {
    const lines: Line[] = [{ setting }];
    for (const entry of unreadable) lines.push({ unreadable: entry });
    for (const shard of shards) lines.push({ shard });
    await writeFileAtomically(this.path, lines.map(written).join(""), "prepareShards", {
      files: this.#files,
    });
  }

  async add(line: { shard: ShardEntry } | { unreadable: UnreadableEntry }): Promise<void> {
    await this.#files.appendFile(this.path, written(line));
  }

  async #isWhole({ name, bytes }: Shard): Promise<boolean> {
    const path = join(this.path, "..", name);
    return this.#files.stat(path).then(
      ({ size }) => size === bytes,
      () => false,
    );
  }

  #assertSame(then: PrepareSetting, now: PrepareSetting): void {
    for (const key of new Set([...Object.keys(then), ...Object.keys(now)])) {
      if (then[key] === now[key]) continue;
      throw new CslError(
        "mismatch",
        `prepareShards: expected to continue ${this.path} with ${key} ${then[key]}, got ${now[key]}. ` +
          "Run it with the same options, choose another folder or prefix, or start again with resume: false.",
      );
    }
  }
}

/** A fingerprint of the names of all images, in order. */
export function hashNames(count: number, nameAt: (position: number) => string): string {
  const hash = createHash("sha256");
  for (let i = 0; i < count; i++) hash.update(`${nameAt(i)}\n`);
  return hash.digest("hex");
}

function written(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function parsed(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Line | null;
    return typeof line === "object" && line !== null ? line : undefined;
  } catch {
    return undefined;
  }
}

const HEADER = "name,reason\n";

/** @throws CslError `already-exists` when the file at `path` is no list of an earlier run: it would be replaced */
export async function refuseOtherList(path: string, files: Pick<JournalFiles, "readFile">): Promise<void> {
  const text = await files.readFile(path, "utf8").catch(() => "");
  if (text !== "" && !text.startsWith(HEADER)) throw ownFile(path, "a list of unreadable images");
}

function ownFile(path: string, what: string): CslError {
  return new CslError(
    "already-exists",
    `prepareShards: expected ${path} to be ${what} of an earlier run, got something else. It would be replaced: ` +
      "rename it, or choose another folder or prefix.",
  );
}

/** Writes the images that are in no shard as CSV (`name,reason`); without any, the file goes. */
export async function writeUnreadable(
  path: string,
  unreadable: readonly UnreadableEntry[],
  files: AtomicFiles,
): Promise<void> {
  if (unreadable.length === 0) return files.rm(path, { force: true });
  const lines = unreadable.map(({ name, reason }) => csvLine([name, reason]));
  await writeFileAtomically(path, `${HEADER}${lines.join("")}`, "prepareShards", { files });
}
