import type { PictureTask, PreparedPicture } from "./prepare-picture.js";

export type PendingPicture = {
  id: number;
  group: number;
  task: PictureTask;
  /** Threads that ended while they worked on it. */
  deaths: number;
};

type Pending = PendingPicture & {
  resolve: (picture: PreparedPicture) => void;
  reject: (reason: unknown) => void;
};

/** The promises that a pool owes, by task number. */
export class PendingPictures {
  #pending = new Map<number, Pending>();
  #next = 0;

  /** A promise for a new task, and what is known about it. */
  open(task: PictureTask, group: number): { entry: PendingPicture; picture: Promise<PreparedPicture> } {
    const id = this.#next++;
    let entry!: Pending;
    const picture = new Promise<PreparedPicture>((resolve, reject) => {
      entry = { id, group, task, deaths: 0, resolve, reject };
    });
    this.#pending.set(id, entry);
    // The consumer may have gone by the time a rejection arrives; that is no unhandled error.
    picture.catch(() => {});
    return { entry, picture };
  }

  /** Whether somebody still waits for the task. */
  has(id: number): boolean {
    return this.#pending.has(id);
  }

  /** Late answers to cancelled tasks find no promise and are dropped. */
  resolve(id: number, picture: PreparedPicture): void {
    this.#pending.get(id)?.resolve(picture);
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
