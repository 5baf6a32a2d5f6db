import { crc32 } from "node:zlib";
import { writing } from "../disk-failure.js";
import type { FetchFiles } from "../part-file.js";
import type { ArchiveEntry } from "./archive.js";

export type WriteEntryOptions = {
  /** A name for it on the way; the final one appears when size and checksum agree. */
  part: string;
  files: Pick<FetchFiles, "open" | "rename" | "rm">;
  signal: AbortSignal;
  onBytes: (bytes: number) => void;
};

/** Writes one file of an archive. @throws DiskFailure; the signal's reason; when the content is not what was announced */
export async function writeEntry(
  { name, size, crc, open }: ArchiveEntry,
  path: string,
  { part, files, signal, onBytes }: WriteEntryOptions,
): Promise<void> {
  const file = await writing(part, () => files.open(part, "w"));
  let bytes = 0;
  let sum = 0;
  try {
    const content = await open();
    content.on("error", () => {}); // it comes out of the loop below; after the loop nobody would listen
    for await (const chunk of content as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      if (bytes + chunk.length > size)
        throw new Error(`${name} is longer than the ${size} bytes that it should have`);
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await writing(part, () =>
          file.write(chunk, at, chunk.length - at, bytes + at),
        );
        at += bytesWritten;
      }
      bytes += chunk.length;
      if (crc !== undefined) sum = crc32(chunk, sum);
      onBytes(chunk.length);
    }
    if (bytes !== size) throw new Error(`${name} has ${bytes} of the ${size} bytes that it should have`);
    if (crc !== undefined && sum !== crc) throw new Error(`${name} has another checksum than it should have`);
  } finally {
    await file.close();
  }
  await writing(path, () => files.rename(part, path));
}
