import { Worker } from "node:worker_threads";
import { PendingPictures } from "./pending-pictures.js";
import type { PicturePool } from "./picture-pool.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";
import type { WorkerProgram } from "./worker-program.js";

/**
 * Prepares pictures on `count` threads. Tasks go to the thread with the fewest of them at once, so that the
 * threads have work while this one is busy with a training step. An idle pool does not keep the process alive.
 */
export function createWorkerPool(count: number, { url, execArgv }: WorkerProgram): PicturePool {
  const pending = new PendingPictures();
  let dead: unknown;
  let closing = false;

  const threads = Array.from({ length: count }, () => {
    const worker = new Worker(url, { execArgv });
    const thread = { worker, load: 0 };
    worker.unref();
    worker.on("message", (message: FromWorker) => {
      thread.load--;
      if (thread.load === 0) worker.unref();
      if ("picture" in message) pending.resolve(message.id, message.picture);
      else pending.reject(message.id, new Error(`image loader: a worker failed: ${message.failure}`));
    });
    worker.on("error", (error) => die(`a worker thread died: ${error.message}`));
    worker.on("exit", (code) => {
      if (!closing) die(`a worker thread ended by itself with code ${code}`);
    });
    return thread;
  });

  function die(why: string): void {
    dead ??= new Error(`image loader: ${why}. workers: 0 prepares the pictures without threads.`);
    pending.rejectAll(dead);
  }

  return {
    run(task, group) {
      const { id, picture } = pending.open(group);
      if (dead) {
        pending.reject(id, dead);
        return picture;
      }
      const thread = threads.reduce((best, other) => (other.load < best.load ? other : best));
      thread.load++;
      thread.worker.ref();
      thread.worker.postMessage({ id, group, task } satisfies ToWorker);
      return picture;
    },
    cancel(group, reason) {
      pending.rejectAll(reason, group);
      for (const { worker } of threads) worker.postMessage({ cancel: group } satisfies ToWorker);
    },
    async close(reason) {
      closing = true;
      dead ??= reason;
      pending.rejectAll(reason);
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}
