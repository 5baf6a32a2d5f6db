import type { ImageTask, PreparedImage } from "./prepare-image.js";

export type PendingImage = {
  id: number;
  group: number;
  task: ImageTask;
  /** Threads that ended while they worked on it. */
  deaths: number;
};

type Pending = PendingImage & {
  resolve: (image: PreparedImage) => void;
  reject: (reason: unknown) => void;
};

/** The promises that a pool owes, by task number. */
export class PendingImages {
  #pending = new Map<number, Pending>();
  #next = 0;

  /** A promise for a new task, and what is known about it. */
  open(task: ImageTask, group: number): { entry: PendingImage; image: Promise<PreparedImage> } {
    const id = this.#next++;
    let entry!: Pending;
    const image = new Promise<PreparedImage>((resolve, reject) => {
      entry = { id, group, task, deaths: 0, resolve, reject };
    });
    this.#pending.set(id, entry);
    // The consumer may have gone by the time a rejection arrives; that is no unhandled error.
    image.catch(() => {});
    return { entry, image };
  }

  /** Whether somebody still waits for the task. */
  has(id: number): boolean {
    return this.#pending.has(id);
  }

  /** Late answers to cancelled tasks find no promise and are dropped. */
  resolve(id: number, image: PreparedImage): void {
    this.#pending.get(id)?.resolve(image);
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
