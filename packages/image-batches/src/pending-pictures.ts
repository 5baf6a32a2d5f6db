import type { PreparedPicture } from "./prepare-picture.js";

type Pending = {
  group: number;
  resolve: (picture: PreparedPicture) => void;
  reject: (reason: unknown) => void;
};

/** The promises that a pool owes, by task number. */
export class PendingPictures {
  #pending = new Map<number, Pending>();
  #next = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** A promise for a new task, and the number to settle it by. */
  open(group: number): { id: number; picture: Promise<PreparedPicture> } {
    const id = this.#next++;
    const picture = new Promise<PreparedPicture>((resolve, reject) => {
      this.#pending.set(id, { group, resolve, reject });
    });
    // The consumer may have gone by the time a rejection arrives; that is no unhandled error.
    picture.catch(() => {});
    return { id, picture };
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
