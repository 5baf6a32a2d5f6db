import { CslError } from "@csl/internal/errors/csl-error";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import type { Archive, ArchiveEntry } from "./archive.js";
import { printableName } from "./entry-name.js";

/** File types in the upper bits of a Unix mode: not given, and regular. */
const FILE_TYPES = new Set([0, 0o10]);
/** Those of the other types, in words; the numbers are S_IFMT of stat(2), shifted. */
const specials: Readonly<Record<number, string>> = {
  1: "named pipes",
  2: "devices",
  6: "devices",
  10: "symbolic links",
  12: "sockets",
};
const UNIX = 3;
const options = { lazyEntries: true, autoClose: false } as const;

/**
 * A zip (zip64 too). Its whole directory is looked through first: what is encrypted or packed by an unknown
 * method is found before anything is written.
 */
export async function openZip(path: string): Promise<Archive> {
  const total = { files: 0, bytes: 0 };
  const first = await openPromise(path, options);
  try {
    for await (const { kind, size } of readEntries(first)) {
      if (kind !== "file") continue;
      total.files++;
      total.bytes += size;
    }
  } finally {
    first.close();
  }
  const zip = await openPromise(path, options);
  return {
    total,
    entries: () => readEntries(zip),
    position: () => 0,
    close: () => zip.close(),
  };
}

async function* readEntries(zip: ZipFile): AsyncGenerator<ArchiveEntry, void, undefined> {
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    if (entry.isEncrypted())
      throw new CslError(
        "unsupported",
        `${printableName(name)} is encrypted. Unpack it with its password by another program`,
      );
    if (!entry.canDecodeFileData())
      throw new CslError(
        "unsupported",
        `${printableName(name)} is packed by method ${entry.compressionMethod}; stored and deflated ones are read`,
      );
    yield {
      name,
      ...entryKind(entry),
      size: entry.uncompressedSize,
      crc: entry.crc32,
      open: () => zip.openReadStreamPromise(entry),
    };
  }
}

function entryKind({
  fileName,
  versionMadeBy,
  externalFileAttributes,
}: Entry): Pick<ArchiveEntry, "kind" | "what"> {
  if (fileName.endsWith("/")) return { kind: "folder" };
  const type = versionMadeBy >>> 8 === UNIX ? (externalFileAttributes >>> 28) & 0o17 : 0;
  if (FILE_TYPES.has(type)) return { kind: "file" };
  return { kind: "special", what: specials[type] ?? "special entries" };
}
