import type { ImageTask, PreparedImage } from "./prepare-image.js";

/** What the loader sends to a worker. */
export type ToWorker = { id: number; group: number; task: ImageTask } | { cancel: number };

/** What a worker says: that it has started, then its answers. `failure` is a bug of ours, not a bad image. */
export type FromWorker =
  | { ready: true }
  | { id: number; image: PreparedImage }
  | { id: number; failure: string };
