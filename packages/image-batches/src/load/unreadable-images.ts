/** An image that was left out, and why. */
export type UnreadableImage = { path: string; reason: string };

/**
 * The images that could not be read. A million of them must not fill the memory: all are remembered by a bit, the
 * first `KEPT` with their reason.
 */
export class UnreadableImages {
  readonly list: UnreadableImage[] = [];
  #found: PositionSet;
  #reported: PositionSet;
  #reasons = new Map<number, string>();

  constructor(
    count: number,
    readonly nameAt: (position: number) => string,
  ) {
    this.#found = new PositionSet(count);
    this.#reported = new PositionSet(count);
  }

  /** All that were reported, those beyond the list too. */
  get count(): number {
    return this.#reported.count;
  }

  has(position: number): boolean {
    return this.#found.has(position);
  }

  /** Remembers an image, so that it is not tried again. */
  found(position: number, reason: string): void {
    if (this.#found.add(position) && this.#found.count <= KEPT) this.#reasons.set(position, reason);
  }

  /** Puts a found image on the list, once. Apart from `found`, so that the list's order depends on no timing. */
  report(position: number): void {
    if (!this.#reported.add(position) || this.list.length >= KEPT) return;
    this.list.push({ path: this.nameAt(position), reason: this.reasonFor(position) });
  }

  reasonFor(position: number): string {
    return this.#reasons.get(position) ?? "unreadable";
  }

  /** "name: reason" */
  describe(position: number): string {
    return `${this.nameAt(position)}: ${this.reasonFor(position)}`;
  }
}

const KEPT = 10_000;

/** A set of positions below `size`, one bit each; the bits are allocated with the first of them. */
export class PositionSet {
  #bits: Uint8Array | undefined;
  #count = 0;

  constructor(readonly size: number) {}

  get count(): number {
    return this.#count;
  }

  has(position: number): boolean {
    return this.#bits !== undefined && ((this.#bits[position >>> 3]! >> (position & 7)) & 1) === 1;
  }

  /** Whether the position was new. */
  add(position: number): boolean {
    if (this.has(position)) return false;
    this.#bits ??= new Uint8Array((this.size + 7) >> 3);
    this.#bits[position >>> 3]! |= 1 << (position & 7);
    this.#count++;
    return true;
  }
}
