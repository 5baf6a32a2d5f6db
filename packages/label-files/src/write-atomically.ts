import { open, rename, rm } from "node:fs/promises";

let counter = 0;

/**
 * Writes to a temporary name beside `path`, then renames: the old file stays, or the whole new one is there.
 *
 * @param headerLength bytes left free at the front.
 * @param fill writes the rest, part by part, and returns the header.
 */
export async function writeAtomically(
  path: string,
  headerLength: number,
  fill: (write: (part: Uint8Array) => Promise<void>) => Promise<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${process.pid}-${(counter++).toString(36)}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      let position = headerLength;
      const write = async (bytes: Uint8Array, at: number): Promise<void> => {
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
        }
      };
      const header = await fill(async (part) => {
        await write(part, position);
        position += part.length;
      });
      await write(header, 0);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
