import { crc32 } from "node:zlib";
import { CslError } from "@csl/internal/errors/csl-error";
import type { ArchiveEntry } from "./archive.js";
import { printableName } from "./entry-name.js";

/** The content of a file in an archive, block by block. @throws at its end when size or checksum are not as announced */
export async function* checkedContent(
  { name, size, crc, open }: ArchiveEntry,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  let bytes = 0;
  let sum = 0;
  const content = await open();
  content.on("error", () => {}); // the loop below throws it; after the loop it would be unhandled
  try {
    for await (const block of content as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      bytes += block.length;
      if (bytes > size)
        throw invalid(`${printableName(name)} is longer than the ${size} bytes that it should have`);
      if (crc !== undefined) sum = crc32(block, sum);
      yield block;
    }
  } catch (error) {
    // All that an entry of a tar knows when the tar ends within it; what it has is said below.
    if ((error as NodeJS.ErrnoException).code !== "STREAM_DESTROYED") throw error;
  }
  if (bytes !== size)
    throw invalid(`${printableName(name)} has ${bytes} of the ${size} bytes that it should have`);
  if (crc !== undefined && sum !== crc)
    throw invalid(`${printableName(name)} has another checksum than it should have`);
}

const invalid = (reason: string): CslError => new CslError("invalid-file", reason);
