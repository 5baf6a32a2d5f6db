import { open } from "node:fs/promises";
import type { ImageSource } from "@csl/image-batches";
import { CslError } from "@csl/internal/errors/csl-error";

/** What `decodeImage` takes: a path as it is, a range of a shard as its bytes. @param speaker the command, as errors begin. */
export async function pathOrBytes(image: ImageSource, speaker: string): Promise<string | Uint8Array> {
  if (typeof image === "string") return image;
  const file = await open(image.file);
  try {
    const bytes = Buffer.alloc(image.length);
    const { bytesRead } = await file.read(bytes, 0, image.length, image.offset);
    if (bytesRead < image.length)
      throw new CslError(
        "invalid-file",
        `${speaker}: ${image.file} ends within an image (byte ${image.offset + bytesRead}). Was the shard cut off?`,
      );
    return bytes;
  } finally {
    await file.close();
  }
}
