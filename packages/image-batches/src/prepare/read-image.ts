import { open, readFile } from "node:fs/promises";
import type { ImageSource } from "../image-list.js";

/** The bytes of an image file, or of a range of a larger file. @throws when the file or the range is not there. */
export async function readImage(image: ImageSource): Promise<Uint8Array> {
  if (typeof image === "string") return readFile(image);
  const { file, offset, length } = image;
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
