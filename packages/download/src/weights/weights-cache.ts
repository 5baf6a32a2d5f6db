import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { hashFile } from "@csl/internal/files/hash-file";
import type { WeightsSource } from "./weights-source.js";

/** What is kept beside a file of the cache, as `<file>.json`. */
export type WeightsNote = {
  format: "csl-weights/1";
  /** As `WeightsSource` names it. */
  name: string;
  /** The address that it came from, without its query. */
  source: string;
  /** Of the whole file. */
  bytes: number;
  sha256: string;
  /** Who said that this is the sum: `server`, or nobody, so that it is the sum of what came. */
  sha256By: "server" | "this machine";
  /** The commit of the repository, where the hub said it. */
  commit?: string | undefined;
  /** The ETag of the address, where there is one. */
  etag?: string | undefined;
  license?: string | undefined;
  /** When it was fetched, ISO 8601. */
  fetched: string;
};

/** A file in the cache. */
export type CachedWeights = WeightsNote & { path: string };

export function weightsPath(cache: string, { place }: WeightsSource): string {
  return join(cache, ...place);
}

export function notePath(path: string): string {
  return `${path}.json`;
}

/**
 * A file of the cache with its note; undefined when either is not there.
 *
 * @param options.whole whether to read the file for its checksum.
 * @returns with `damaged` what is wrong, when the file is not the one that the note is of
 */
export async function findCached(
  path: string,
  { whole }: { whole: boolean },
): Promise<(CachedWeights & { damaged?: string }) | undefined> {
  const note = await readNote(path);
  const size = (await stat(path).catch(() => undefined))?.size;
  if (!note || size === undefined) return undefined;
  const found = { ...note, path };
  if (size !== note.bytes) return { ...found, damaged: `it has ${size} bytes, not ${note.bytes}` };
  if (!whole) return found;
  const sha256 = await hashFile(path);
  return sha256 === note.sha256
    ? found
    : { ...found, damaged: `its SHA-256 is ${sha256}, not ${note.sha256}` };
}

async function readNote(path: string): Promise<WeightsNote | undefined> {
  try {
    const note = JSON.parse(await readFile(notePath(path), "utf8")) as Partial<WeightsNote> | null;
    const usable =
      note?.format === "csl-weights/1" && typeof note.sha256 === "string" && typeof note.bytes === "number";
    return usable ? (note as WeightsNote) : undefined;
  } catch {
    return undefined; // none, or one that is damaged: the file counts as unknown
  }
}

/** All files that the cache holds, by their notes; nothing where there is no cache. */
export async function listCached(cache: string): Promise<CachedWeights[]> {
  const entries: Dirent[] = await readdir(cache, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name.slice(0, -".json".length)));
  const found = await Promise.all(paths.sort().map((path) => findCached(path, { whole: false })));
  return found.flatMap((weights) => (weights && weights.damaged === undefined ? [weights] : []));
}
