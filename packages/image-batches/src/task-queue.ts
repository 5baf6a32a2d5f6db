import { FileRanges } from "./file-ranges.js";
import { IMAGES_IN_FLIGHT } from "./image-pool.js";
import { type ImageTask, type PreparedImage, prepareImage } from "./prepare-image.js";

type Entry = {
  group: number;
  task: ImageTask;
  done: (image: PreparedImage) => void;
  failed: (error: unknown) => void;
};

/** Works through tasks in order, a few at a time. Each thread that prepares images owns one. */
export class TaskQueue {
  #waiting: Entry[] = [];
  #running = new Map<Entry, Promise<void>>();
  #ranges = new FileRanges();

  add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#fill();
  }

  /** Fails the tasks of the group (of every group without one) that have not begun, and awaits those that have. */
  async drop(group?: number): Promise<void> {
    const dropped = (entry: Entry): boolean => group === undefined || entry.group === group;
    const gone = this.#waiting.filter(dropped);
    this.#waiting = this.#waiting.filter((entry) => !dropped(entry));
    for (const entry of gone) entry.failed(new Error("cancelled"));
    await Promise.all([...this.#running].map(([entry, end]) => (dropped(entry) ? end : undefined)));
  }

  /** Drops everything and closes the files. */
  close(): void {
    void this.drop();
    this.#ranges.close();
  }

  #fill(): void {
    while (this.#running.size < IMAGES_IN_FLIGHT) {
      const entry = this.#waiting.shift();
      if (!entry) return;
      const end = prepareImage(entry.task, this.#ranges)
        .then(entry.done, entry.failed)
        .finally(() => {
          this.#running.delete(entry);
          this.#fill();
        });
      this.#running.set(entry, end);
    }
  }
}
