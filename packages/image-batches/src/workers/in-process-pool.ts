import { tuneSharp } from "../decode/decode-image.js";
import { PendingTasks } from "./pending-tasks.js";
import { TaskQueue } from "./task-queue.js";
import type { TaskPool } from "./worker-pool.js";
import type { ResultOf } from "./worker-task.js";

/** Does tasks on this thread: decoding is asynchronous, resizing and augmenting are not. */
export function createInProcessPool(): TaskPool {
  tuneSharp();
  const pending = new PendingTasks();
  const queue = new TaskQueue();
  let closed: unknown;
  return {
    run<T extends Parameters<TaskPool["run"]>[0]>(task: T, group: number) {
      const { entry, result } = pending.open(task, group);
      const { id } = entry;
      if (closed) pending.reject(id, closed);
      else
        queue.add({
          group,
          task,
          done: (prepared) => pending.resolve(id, prepared),
          failed: (error) => pending.reject(id, error),
        });
      return result as Promise<ResultOf<T>>;
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
