import { writing } from "../fetch/disk-failure.js";
import type { FetchFiles } from "../fetch/part-file.js";

export type WriteBlocksOptions = {
  /** A name for it on the way; the final one appears when all blocks have come. */
  part: string;
  files: Pick<FetchFiles, "open" | "rename">;
  onBytes: (bytes: number) => void;
};

/** Writes a file. @throws DiskFailure; what the blocks throw */
export async function writeBlocks(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  path: string,
  { part, files, onBytes }: WriteBlocksOptions,
): Promise<void> {
  const file = await writing(part, () => files.open(part, "w"));
  let position = 0;
  try {
    for await (const block of blocks) {
      for (let at = 0; at < block.length; ) {
        const { bytesWritten } = await writing(part, () =>
          file.write(block, at, block.length - at, position + at),
        );
        at += bytesWritten;
      }
      position += block.length;
      onBytes(block.length);
    }
  } finally {
    await file.close();
  }
  await writing(path, () => files.rename(part, path));
}
