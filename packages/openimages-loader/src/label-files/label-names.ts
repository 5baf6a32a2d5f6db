import { CslError } from "@csl/internal/errors/csl-error";

const EMPTY = 0xffff;
const LONGEST = 15;

/**
 * Class ids as the scanner meets them: the bytes of a MID in four 32-bit words → its number, without a string. Ids are
 * numbered as they come; those of a class list are put in first.
 */
export class LabelNames {
  readonly names: string[] = [];
  #slots: Uint16Array = new Uint16Array(1 << 16).fill(EMPTY);
  /** [names, 4]: bytes 0–3, 4–7, 8–11, 12–15, little-endian, zero behind the end. */
  #words: Int32Array = new Int32Array(4096);
  /** Longer than 15 bytes; none of OpenImages' is. */
  readonly #long: Map<string, number> = new Map();

  constructor(names: Iterable<string> = []) {
    for (const name of names) this.number(name);
  }

  /** The number of a name, new or known. */
  number(name: string): number {
    const bytes = Buffer.from(name);
    if (bytes.length > LONGEST) {
      const known = this.#long.get(name);
      if (known !== undefined) return known;
      this.#long.set(name, this.names.length);
      return this.#add(name);
    }
    const padded = Buffer.alloc(16);
    bytes.copy(padded);
    return this.numberOfWords(
      padded.readInt32LE(0),
      padded.readInt32LE(4),
      padded.readInt32LE(8),
      padded.readInt32LE(12),
    );
  }

  /** The same from the words of a name of at most 15 bytes. */
  numberOfWords(w0: number, w1: number, w2: number, w3: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let h = Math.imul(w0 ^ Math.imul(w1, 0x85ebca6b), 0xcc9e2d51) ^ Math.imul(w2 ^ (w3 << 7), 0xc2b2ae35);
    h ^= h >>> 15;
    for (let slot = h & mask; ; slot = (slot + 1) & mask) {
      const number = slots[slot]!;
      if (number === EMPTY) return this.#addWords(slot, w0, w1, w2, w3);
      const at = number * 4;
      if (words[at] === w0 && words[at + 1] === w1 && words[at + 2] === w2 && words[at + 3] === w3) {
        return number;
      }
    }
  }

  #addWords(slot: number, w0: number, w1: number, w2: number, w3: number): number {
    const bytes = Buffer.from(Int32Array.of(w0, w1, w2, w3).buffer);
    const number = this.#add(bytes.toString("utf8", 0, bytes.indexOf(0)));
    this.#slots[slot] = number;
    this.#words.set([w0, w1, w2, w3], number * 4);
    return number;
  }

  #add(name: string): number {
    const number = this.names.push(name) - 1;
    if (number >= 0x8000) {
      // Half of the slots; OpenImages has 20,638. A file with more is not what it seems.
      throw new CslError(
        "invalid-file",
        `expected at most ${0x8000} different class ids, got more (${JSON.stringify(name)}). Is LabelName the right column?`,
      );
    }
    if (this.#words.length < this.names.length * 4) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    return number;
  }
}
