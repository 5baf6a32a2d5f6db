import { mulberry32 } from "@csl/labels";
import { type Augmentation, augmentations } from "./augmentations.js";
import { decodeImage } from "./decode-image.js";
import type { Image } from "./image.js";
import type { Filter } from "./resample-table.js";
import { resize } from "./resize.js";

/** Everything that one sample of a batch depends on; a plain object, because it travels to a worker. */
export type PictureTask = {
  /** The file, or its resized pixels in shared memory when they are cached. */
  source: string | Uint8Array;
  /** Side of the result in pixels. */
  size: number;
  filter: Filter;
  autoOrient: boolean;
  augment: Augmentation;
  /** Seed of this sample's augmentation. */
  seed: number;
  /** Also hand back the resized picture, in shared memory, for the cache. */
  keepResized: boolean;
};

export type PreparedPicture =
  | { data: Uint8Array; resized?: Uint8Array }
  /** Why the file could not be read. Everything else that goes wrong is an exception. */
  | { unreadable: string };

/** Decode → resize → augment. The same function runs inside the workers and in-process. */
export async function preparePicture(task: PictureTask): Promise<PreparedPicture> {
  const { size, keepResized } = task;
  let image: Image;
  if (typeof task.source === "string") {
    try {
      image = await decodeImage(task.source, task);
    } catch (error) {
      return { unreadable: (error as Error).message };
    }
    image = resize(image, { width: size, height: size, filter: task.filter });
  } else {
    image = { data: task.source, width: size, height: size };
  }
  const resized = image.data;
  const { data } = augmentations[task.augment](image, mulberry32(task.seed));
  // A picture that nothing changed must not hand out the cache's own memory.
  const own = data === task.source ? data.slice() : data;
  return keepResized ? { data: own, resized: toShared(resized) } : { data: own };
}

function toShared(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
