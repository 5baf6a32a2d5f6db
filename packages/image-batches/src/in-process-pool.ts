import { PendingPictures } from "./pending-pictures.js";
import type { PicturePool } from "./picture-pool.js";
import { TaskQueue } from "./task-queue.js";
import { tuneSharp } from "./tune-sharp.js";

/** Prepares pictures on this thread: decoding is asynchronous, resizing and augmenting are not. */
export function createInProcessPool(): PicturePool {
  tuneSharp();
  const pending = new PendingPictures();
  const queue = new TaskQueue();
  let closed: unknown;
  return {
    run(task, group) {
      const { entry, picture } = pending.open(task, group);
      const { id } = entry;
      if (closed) {
        pending.reject(id, closed);
        return picture;
      }
      queue.add({
        group,
        task,
        done: (prepared) => pending.resolve(id, prepared),
        failed: (error) => pending.reject(id, error),
      });
      return picture;
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
