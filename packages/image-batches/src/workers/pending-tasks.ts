import type { WorkerResult, WorkerTask } from "./worker-task.js";

export type PendingTask = {
  id: number;
  group: number;
  task: WorkerTask;
  /** Threads that ended while they worked on it. */
  deaths: number;
};

type Pending = PendingTask & {
  resolve: (result: WorkerResult) => void;
  reject: (reason: unknown) => void;
};

/** The promises that a pool has given and not yet kept, by task number. */
export class PendingTasks {
  #pending = new Map<number, Pending>();
  #next = 0;

  /** A promise for a new task, and what is known about it. */
  open(task: WorkerTask, group: number): { entry: PendingTask; result: Promise<WorkerResult> } {
    const id = this.#next++;
    let entry!: Pending;
    const result = new Promise<WorkerResult>((resolve, reject) => {
      entry = { id, group, task, deaths: 0, resolve, reject };
    });
    this.#pending.set(id, entry);
    // The consumer may have left when a rejection comes; that is no unhandled error.
    result.catch(() => {});
    return { entry, result };
  }

  /** Whether the task's promise is still open. */
  has(id: number): boolean {
    return this.#pending.has(id);
  }

  /** Late answers to cancelled tasks find no promise and are dropped. */
  resolve(id: number, result: WorkerResult): void {
    this.#pending.get(id)?.resolve(result);
    this.#pending.delete(id);
  }

  reject(id: number, reason: unknown): void {
    this.#pending.get(id)?.reject(reason);
    this.#pending.delete(id);
  }

  /** Rejects the promises of the group (of every group without one). */
  rejectAll(reason: unknown, group?: number): void {
    for (const [id, pending] of this.#pending) {
      if (group === undefined || pending.group === group) this.reject(id, reason);
    }
  }
}
