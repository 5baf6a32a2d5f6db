import { flushAndRename } from "@csl/internal/files/write-file-atomically";
import { type FetchFiles, writing } from "../files.js";

const SPEAKER = "unpackArchive";

export type WriteBlocksOptions = {
  /** A name for it on the way; the final one appears when all blocks have come. */
  part: string;
  /** Whether to wait until it is on the disk before it gets its name. */
  flush: boolean;
  files: Pick<FetchFiles, "open" | "rename">;
  onBytes: (bytes: number) => void;
};

/** Writes a file. @throws CslError `cannot-write`; what the blocks throw */
export async function writeBlocks(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  path: string,
  { part, flush, files, onBytes }: WriteBlocksOptions,
): Promise<void> {
  const file = await writing(SPEAKER, part, () => files.open(part, "w"));
  let position = 0;
  try {
    for await (const block of blocks) {
      for (let at = 0; at < block.length; ) {
        const { bytesWritten } = await writing(SPEAKER, part, () =>
          file.write(block, at, block.length - at, position + at),
        );
        at += bytesWritten;
      }
      position += block.length;
      onBytes(block.length);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
  await writing(SPEAKER, path, async () => {
    if (flush) return flushAndRename(file, part, path, files);
    await file.close();
    await files.rename(part, path);
  });
}
