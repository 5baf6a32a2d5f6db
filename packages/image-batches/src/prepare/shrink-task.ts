import type { ImageSource } from "../image-list.js";
import { readImage } from "./read-image.js";
import { type ShrinkOptions, shrinkImage } from "./shrink-image.js";

/** One image to shrink, as it travels to a worker. */
export type ShrinkTask = { image: ImageSource; options: ShrinkOptions };

export type Shrunk =
  | { jpg: Uint8Array }
  /** Why the image could not be read. Everything else that goes wrong is an exception. */
  | { unreadable: string };

/** Reads and shrinks one image. The same function runs inside the workers and in-process. */
export async function runShrinkTask({ image, options }: ShrinkTask): Promise<Shrunk> {
  try {
    return { jpg: await shrinkImage(await readImage(image), options) };
  } catch (error) {
    return { unreadable: (error as Error).message };
  }
}

/** What goes to a worker and what comes back. */
export type ToShrinkWorker = { id: number; task: ShrinkTask };
export type FromShrinkWorker = { id: number; shrunk: Shrunk };
