import type { JsonCursor } from "./json-cursor.js";

/** A whole number as JSON writes it: its text is the same id, where the number is exact. */
const WHOLE = /^(?:0|[1-9]\d{0,15})$/;
const isWhole = (id: string): boolean => WHOLE.test(id) && Number.isSafeInteger(Number(id));

/** Numbers ids as they appear: 0, 1, 2, … The text of a whole number is the same id as the number. */
export class IdNumbers {
  readonly #numbers = new Map<string | number, number>();

  get size(): number {
    return this.#numbers.size;
  }

  /** The number of an id; the next free one when it is new. */
  number(id: string | number): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(id, number);
    }
    return number;
  }

  /** The number of the id under the cursor, which may be written as a number or a text. @param what names it in an error. */
  read(cursor: JsonCursor, what: string): number {
    const id = cursor.id(what);
    return this.number(typeof id === "string" && isWhole(id) ? Number(id) : id);
  }

  /** The ids as text, by number. */
  texts(): string[] {
    const texts: string[] = [];
    for (const id of this.#numbers.keys()) texts.push(String(id));
    return texts;
  }
}
