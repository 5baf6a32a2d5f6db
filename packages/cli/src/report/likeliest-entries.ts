import type { Pixels } from "../pages/thumbnail.js";

/** An entry of a label matrix worth looking at, and its image in small. */
export interface Entry {
  classIndex: number;
  /** Position of the image among those that are validated. */
  sample: number;
  logit: number;
  pixels: Pixels;
}

/**
 * The few entries with the highest (or lowest) scores of all that were offered, no two of a class or of an image: a
 * gallery of twelve people says less than one of twelve things.
 */
export class LikeliestEntries {
  readonly #sign: 1 | -1;
  readonly #capacity: number;
  readonly entries: Entry[] = [];
  /** What is not above this cannot get in. In the direction of the order. */
  #floor = Number.NEGATIVE_INFINITY;

  constructor({ capacity, order }: { capacity: number; order: "highest" | "lowest" }) {
    this.#capacity = capacity;
    this.#sign = order === "highest" ? 1 : -1;
  }

  /** Cheap for almost all entries, which do not get in. `pixels` is asked for only where one does. */
  offer(logit: number, classIndex: number, sample: number, pixels: () => Pixels): void {
    const value = this.#sign * logit;
    if (value <= this.#floor) return;
    const { entries } = this;
    const rivals = entries.filter((entry) => entry.classIndex === classIndex || entry.sample === sample);
    if (rivals.some((entry) => this.#sign * entry.logit >= value)) return;
    for (const rival of rivals) entries.splice(entries.indexOf(rival), 1);
    const at = entries.findIndex((entry) => this.#sign * entry.logit < value);
    entries.splice(at < 0 ? entries.length : at, 0, { classIndex, sample, logit, pixels: pixels() });
    entries.length = Math.min(entries.length, this.#capacity);
    if (entries.length === this.#capacity) this.#floor = this.#sign * entries.at(-1)!.logit;
    else this.#floor = Number.NEGATIVE_INFINITY;
  }
}
