/**
 * Short marks of many small things, to find which of them has changed: 32 bits each, as eight hexadecimal digits one
 * after the other. That something has changed is known by SHA-256; marks only say where.
 */
export class Mark {
  #state = 0x811c9dc5;

  /** Mixes a whole number in (FNV-1a on 32 bits, then the finalizer of murmur3 in `value`). */
  add(number: number): this {
    this.#state = Math.imul(this.#state ^ number, 0x01000193);
    this.#state ^= this.#state >>> 15;
    return this;
  }

  addText(text: string): this {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
    return this.add(text.length);
  }

  get value(): number {
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}

/** Digits of a mark. */
const DIGITS = 8;

export function writeMarks(marks: Iterable<number>): string {
  return Array.from(marks, (mark) => mark.toString(16).padStart(DIGITS, "0")).join("");
}

export function readMarks(text: string): Uint32Array {
  return Uint32Array.from({ length: Math.floor(text.length / DIGITS) }, (_, i) =>
    Number.parseInt(text.slice(i * DIGITS, (i + 1) * DIGITS), 16),
  );
}

/** Positions at which two lists of equal length differ. */
export function differingMarks(before: Uint32Array, now: Uint32Array): number[] {
  return [...now.keys()].filter((i) => before[i] !== now[i]);
}
