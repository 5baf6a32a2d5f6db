import type { ImagePool } from "./image-pool.js";
import { PendingImages } from "./pending-images.js";
import { TaskQueue } from "./task-queue.js";
import { tuneSharp } from "./tune-sharp.js";

/** Prepares images on this thread: decoding is asynchronous, resizing and augmenting are not. */
export function createInProcessPool(): ImagePool {
  tuneSharp();
  const pending = new PendingImages();
  const queue = new TaskQueue();
  let closed: unknown;
  return {
    run(task, group) {
      const { entry, image } = pending.open(task, group);
      const { id } = entry;
      if (closed) {
        pending.reject(id, closed);
        return image;
      }
      queue.add({
        group,
        task,
        done: (prepared) => pending.resolve(id, prepared),
        failed: (error) => pending.reject(id, error),
      });
      return image;
    },
    cancel(group, reason) {
      pending.rejectAll(reason, group);
      return queue.drop(group);
    },
    async close(reason) {
      closed = reason;
      pending.rejectAll(reason);
      queue.close();
      return 0;
    },
    incidents: [],
  };
}
