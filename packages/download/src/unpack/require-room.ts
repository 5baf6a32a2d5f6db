import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CslError } from "@csl/internal/errors/csl-error";

/** Files take whole blocks on a disk: half of one more each, on average. */
const BLOCK = 4096;

type Room = {
  archive: string;
  folder: string;
  /** What an interrupted run has unpacked already. */
  staged: string;
  /** Bytes of the archive. */
  size: number;
  log: (text: string) => void;
  freeBytes: (folder: string) => Promise<number>;
};

/**
 * Logs the room that an archive needs, and throws before anything is written where there is less. A tar.gz does not
 * state its content's size: it needs at least its own size again.
 *
 * @throws CslError `cannot-write`
 */
export async function requireRoom(
  { archive, folder, staged, size, log, freeBytes }: Room,
  total: { files: number; bytes: number } | undefined,
): Promise<void> {
  const needed = total ? total.bytes + (total.files * BLOCK) / 2 : size;
  const free = await freeBytes(folder);
  const least = total ? "" : "at least ";
  const what = total
    ? `${total.files} files, which need ${inWords(needed)}`
    : `needs at least ${inWords(needed)}, its own size; the size of its content is not known`;
  log(`unpacking ${archive}: ${what}; ${inWords(free)} are free`);
  if (free >= needed || free + (await bytesIn(staged)) >= needed) return;
  throw new CslError(
    "cannot-write",
    `unpackArchive: expected ${least}${inWords(needed)} free for what is in ${archive}, got ${inWords(free)} in ${folder}. ` +
      "Free some space or choose another folder, then run the same again.",
  );
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await bytesIn(path) : (await stat(path)).size;
  }
  return bytes;
}

function inWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}`;
}
