import type { Picture } from "../picture-list.js";
import { readPicture } from "./read-picture.js";
import { type ShrinkOptions, shrinkPicture } from "./shrink-picture.js";

/** One picture to shrink, as it travels to a worker. */
export type ShrinkTask = { picture: Picture; options: ShrinkOptions };

export type Shrunk =
  | { jpg: Uint8Array }
  /** Why the picture could not be read. Everything else that goes wrong is an exception. */
  | { unreadable: string };

/** Reads and shrinks one picture. The same function runs inside the workers and in-process. */
export async function runShrinkTask({ picture, options }: ShrinkTask): Promise<Shrunk> {
  try {
    return { jpg: await shrinkPicture(await readPicture(picture), options) };
  } catch (error) {
    return { unreadable: (error as Error).message };
  }
}

/** What goes to a worker and what comes back. */
export type ToShrinkWorker = { id: number; task: ShrinkTask };
export type FromShrinkWorker = { id: number; shrunk: Shrunk };
