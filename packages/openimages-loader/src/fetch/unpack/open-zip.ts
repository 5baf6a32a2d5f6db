import { type Entry, openPromise } from "yauzl";
import type { Archive, ArchiveEntry } from "./archive.js";

const FILE_TYPES = new Set([0, 0o10]); // none said, and regular
const UNIX = 3;

/**
 * A zip (zip64 too). Its whole directory is looked through first: what is encrypted or packed in a way that nobody can
 * unpack is found before anything is written.
 */
export async function openZip(path: string): Promise<Archive> {
  const total = { files: 0, bytes: 0 };
  let position = 0;
  for await (const { kind, size } of entriesOf(path)) {
    if (kind !== "file") continue;
    total.files++;
    total.bytes += size;
  }
  return {
    total,
    position: () => position,
    async *entries() {
      for await (const entry of entriesOf(path)) {
        yield entry;
        position += entry.size;
      }
    },
  };
}

async function* entriesOf(path: string): AsyncGenerator<ArchiveEntry, void, undefined> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      if (entry.isEncrypted())
        throw new Error(`${name} is encrypted. Unpack it with its password by another program`);
      if (!entry.canDecodeFileData())
        throw new Error(
          `${name} is packed by method ${entry.compressionMethod}; stored and deflated ones are read`,
        );
      yield {
        name,
        kind: kindOf(entry),
        size: entry.uncompressedSize,
        crc: entry.crc32,
        open: () => zip.openReadStreamPromise(entry),
      };
    }
  } finally {
    zip.close();
  }
}

function kindOf({ fileName, versionMadeBy, externalFileAttributes }: Entry): ArchiveEntry["kind"] {
  if (fileName.endsWith("/")) return "folder";
  const type = versionMadeBy >>> 8 === UNIX ? (externalFileAttributes >>> 28) & 0o17 : 0;
  return FILE_TYPES.has(type) ? "file" : "link or device";
}
