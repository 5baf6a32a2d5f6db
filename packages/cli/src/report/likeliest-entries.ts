import type { Pixels } from "../pages/thumbnail.js";

/** An entry of a label matrix worth looking at, and its image in small. */
export interface Entry {
  classIndex: number;
  /** Position of the image among those that are validated. */
  sample: number;
  logit: number;
  pixels: Pixels;
}

/** One whose image is in the present batch has its row until the batch ends. */
type OpenEntry = Omit<Entry, "pixels"> & { pixels?: Pixels; row: number };

/**
 * The few entries with the highest (or lowest) scores of all that were offered, no two of a class or of an image: a
 * gallery of twelve people says less than one of twelve things.
 */
export class LikeliestEntries {
  readonly #sign: 1 | -1;
  readonly #capacity: number;
  #entries: OpenEntry[] = [];
  /** A value, which is the logit or, for the lowest ones, its negative, that is not above this does not get in. */
  floor: number = Number.NEGATIVE_INFINITY;

  constructor({ capacity, order }: { capacity: number; order: "highest" | "lowest" }) {
    this.#capacity = capacity;
    this.#sign = order === "highest" ? 1 : -1;
  }

  /** The highest (lowest) first; after `endBatch`. */
  get entries(): Entry[] {
    return this.#entries.map(({ row: _, pixels, ...entry }) => ({ ...entry, pixels: pixels! }));
  }

  /** To be called for an entry whose value is above `floor`: almost none is. */
  offer(logit: number, classIndex: number, sample: number, row: number): void {
    const value = this.#sign * logit;
    const entries: OpenEntry[] = [];
    let placed = false;
    for (const entry of this.#entries) {
      const isHigher = this.#sign * entry.logit >= value;
      if (!isHigher && !placed) {
        entries.push({ classIndex, sample, logit, row });
        placed = true;
      }
      if (entry.classIndex !== classIndex && entry.sample !== sample) entries.push(entry);
      else if (isHigher) return;
    }
    if (!placed) entries.push({ classIndex, sample, logit, row });
    if (entries.length > this.#capacity) entries.length = this.#capacity;
    this.floor =
      entries.length === this.#capacity ? this.#sign * entries.at(-1)!.logit : Number.NEGATIVE_INFINITY;
    this.#entries = entries;
  }

  /** Keeps the images of the batch that got in and stayed. */
  endBatch(pixelsOf: (row: number) => Pixels): void {
    for (const entry of this.#entries) entry.pixels ??= pixelsOf(entry.row);
  }
}
