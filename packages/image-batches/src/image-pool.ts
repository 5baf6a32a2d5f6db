import type { ImageTask, PreparedImage } from "./prepare-image.js";

/** Who prepares images: worker threads or this thread. Tasks of one epoch share a group and end together. */
export type ImagePool = {
  run(task: ImageTask, group: number): Promise<PreparedImage>;
  /**
   * Rejects what the group still waits for with `reason`, and drops what has not begun. Resolves once nobody writes to
   * a slot of the group any more.
   */
  cancel(group: number, reason: unknown): Promise<void>;
  /** Cancels everything with `reason` and frees the threads. Resolves to the number of those that could not be ended. */
  close(reason: unknown): Promise<number>;
  /** Threads that ended by themselves and were replaced, in words. */
  readonly incidents: readonly string[];
};

/** Images that a thread works on at once: one decodes (in libuv's threads) while another resizes. */
export const IMAGES_IN_FLIGHT = 3;
