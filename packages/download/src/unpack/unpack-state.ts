import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkOptions } from "@csl/internal/errors/check-options";
import { writeFileAtomically } from "@csl/internal/files/write-file-atomically";
import type { SkippedEntries } from "@csl/internal/tar/skipped-entries";

/** What came out of an archive; kept as `<archive>.unpacked.json`, so that it is not unpacked again. */
export type UnpackRecord = {
  archive: string;
  /** Bytes of the archive. */
  size: number;
  /** When the archive was written, in milliseconds: one of the same size with another time is another archive. */
  modified: number;
  /** Where it was fetched from. */
  source?: string | undefined;
  files: number;
  /** Bytes of the files. */
  bytes: number;
  /** Links, devices and sparse files, which are not created: how many, the first ones, and what they are. */
  leftOut: { count: number; names: string[]; kinds?: SkippedEntries };
  /** Some of the names in the folder itself: while they are there, the archive counts as unpacked. */
  top: string[];
};

/** Of an archive that is being unpacked, in its staging folder. */
export type UnpackState = {
  size: number;
  modified: number;
  /** Whether the archive is to be removed at the end. */
  remove: boolean;
  /** Set when all is unpacked and checked, and only needs to be moved. */
  record?: UnpackRecord;
};

export const recordPath = (folder: string, archive: string): string =>
  join(folder, `${archive}.unpacked.json`);
export const stagingPath = (folder: string, archive: string): string => join(folder, `${archive}.unpacking`);

/** JSON that is there and whole, or undefined. */
export async function readState<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

export async function writeState(path: string, state: UnpackState | UnpackRecord): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(state, null, 2)}\n`, "unpackArchive");
}

/**
 * What an earlier run has unpacked from `archive` (a file name) into `folder`; undefined when it has not, when it came
 * from another address, or when something of it is no longer there.
 */
export async function unpackedBefore(
  archive: string,
  folder: string,
  options: { source?: string; size?: number; modified?: number } = {},
): Promise<UnpackRecord | undefined> {
  checkOptions("unpackedBefore", options, { source: true, size: true, modified: true });
  const { source, size, modified } = options;
  const record = await readState<UnpackRecord>(recordPath(folder, archive));
  if (!record?.top || (source !== undefined && record.source !== source)) return undefined;
  if (size !== undefined && record.size !== size) return undefined;
  if (modified !== undefined && record.modified !== modified) return undefined;
  for (const name of record.top)
    if (!(await stat(join(folder, name)).catch(() => undefined))) return undefined;
  return record;
}
