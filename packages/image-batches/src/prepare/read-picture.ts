import { open, readFile } from "node:fs/promises";
import type { Picture } from "../picture-list.js";

/** The bytes of a picture file, or of a range of a larger file. @throws when the file or the range is not there. */
export async function readPicture(picture: Picture): Promise<Uint8Array> {
  if (typeof picture === "string") return readFile(picture);
  const { file, offset, length } = picture;
  const handle = await open(file, "r");
  try {
    const bytes = new Uint8Array(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, length - read, offset + read);
      if (bytesRead === 0) throw new Error(`${file} ends before byte ${offset + length}`);
      read += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
