import type { PictureTask, PreparedPicture } from "./prepare-picture.js";

/** What the loader sends to a worker. */
export type ToWorker = { id: number; group: number; task: PictureTask } | { cancel: number };

/** What a worker says: that it has started, then its answers. `failure` is a bug of ours, not a bad picture. */
export type FromWorker =
  | { ready: true }
  | { id: number; picture: PreparedPicture }
  | { id: number; failure: string };
