import { CslError } from "@csl/internal/errors/csl-error";
import { FileRanges } from "../sources/file-ranges.js";
import { runTask, type WorkerResult, type WorkerTask } from "./worker-task.js";

/** Tasks that a thread works on at once: one image decodes (in libuv's threads) while another is resized. */
export const TASKS_IN_FLIGHT = 3;

type Entry = {
  group: number;
  task: WorkerTask;
  done: (result: WorkerResult) => void;
  failed: (error: unknown) => void;
};

/** Does tasks in order, a few at a time. Each thread that works on images has one. */
export class TaskQueue {
  #waiting: Entry[] = [];
  #running = new Map<Entry, Promise<void>>();
  #ranges = new FileRanges();

  add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#startNext();
  }

  /** Fails the tasks of the group (of every group without one) that have not started, and awaits those that have. */
  async drop(group?: number): Promise<void> {
    const dropped = (entry: Entry): boolean => group === undefined || entry.group === group;
    const gone = this.#waiting.filter(dropped);
    this.#waiting = this.#waiting.filter((entry) => !dropped(entry));
    for (const entry of gone) entry.failed(new CslError("closed", "cancelled"));
    await Promise.all([...this.#running].map(([entry, end]) => (dropped(entry) ? end : undefined)));
  }

  /** Drops everything and closes the files. */
  close(): void {
    void this.drop();
    this.#ranges.close();
  }

  #startNext(): void {
    while (this.#running.size < TASKS_IN_FLIGHT) {
      const entry = this.#waiting.shift();
      if (!entry) return;
      const end = runTask(entry.task, this.#ranges)
        .then(entry.done, entry.failed)
        .finally(() => {
          this.#running.delete(entry);
          this.#startNext();
        });
      this.#running.set(entry, end);
    }
  }
}
