import { CslError } from "../errors/csl-error.js";
import { parseJson } from "./parse-json.js";

/** Thrown (one object, never shown) when a value continues beyond the bytes that are available: read more, then try again. */
export const needMore: CslError = new CslError("invalid-file", "expected more bytes.");

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const COLON = 0x3a;
const COMMA = 0x2c;
const OPENS = 1; // [ {
const CLOSES = 2; // ] }
const QUOTES = 3;
const BLANK = 4;
const DIGIT = 5;
const SCALAR = 6; // + - . letters: what numbers, true, false, null are made of, and NaN, which Python writes

/** What a byte can be, outside a text; 0 for all that has no place there. */
const KIND = new Uint8Array(256);
for (const [chars, kind] of [
  ["[{", OPENS],
  ["]}", CLOSES],
  ['"', QUOTES],
  [" \n\r\t", BLANK],
  ["0123456789", DIGIT],
  ["+-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", SCALAR],
] as const) {
  for (const char of chars) KIND[char.charCodeAt(0)] = kind;
}

/** In each of four bytes: the bit that all of [ ] { } have and that digits, signs, points, commas, blanks lack. */
const BRACKET_BITS = 0x40404040;

/** The error about a number that cannot be an id: a fraction, or one that stands for several ids. */
export const badNumberId = (what: string, offset: number, value: number): CslError =>
  new CslError(
    "invalid-file",
    Math.abs(value) > Number.MAX_SAFE_INTEGER
      ? `expected ${what} below 2^53 at byte ${offset}, got about ${value}, which several ids would share. Write ids as texts, in quotes.`
      : `expected ${what} to be a whole number or a text at byte ${offset}, got ${value}. Write ids as texts, in quotes.`,
  );

/** A place in a window of JSON bytes. Reads and skips values, and builds only those that are asked for. */
export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0);
  pos = 0;
  /** The end of the valid bytes in `bytes`. */
  end = 0;
  /** Whether the file ends at `end`. */
  atEnd = false;
  /** Position of bytes[0] in the file. */
  base = 0;
  /** The whole of `bytes`, four at a time. */
  #words: Int32Array = new Int32Array(0);

  /** A longer window, with bytes[pos, end) at its front. The caller sets `pos` and `end`. */
  grow(length: number): void {
    const buffer = new ArrayBuffer(Math.ceil(length / 16) * 16);
    const bytes = Buffer.from(buffer);
    this.bytes.copy(bytes, 0, this.pos, this.end);
    this.bytes = bytes;
    this.#words = new Int32Array(buffer);
  }

  get offset(): number {
    return this.base + this.pos;
  }

  /** An error about the byte under the cursor. */
  fail(expected: string): CslError {
    const atEnd = this.pos >= this.end;
    // Values that are meant as they are: what is missing, in JavaScript's and in Python's JSON.
    const word = /^(?:null|true|false|NaN|-?Infinity)\b/.exec(
      this.bytes.toString("latin1", this.pos, Math.min(this.end, this.pos + 10)),
    )?.[0];
    const got = atEnd
      ? "the end of the file"
      : (word ?? JSON.stringify(String.fromCharCode(this.bytes[this.pos]!)));
    const way = atEnd
      ? "The file is cut off; copy or download it again."
      : word === undefined
        ? "The file is damaged or is no JSON; download it again."
        : "It has to be there: correct the program that wrote the file.";
    return new CslError("invalid-file", `expected ${expected} at byte ${this.offset}, got ${got}. ${way}`);
  }

  /** The next byte that is not white space, not consumed. */
  peek(expected: string): number {
    const { bytes, end } = this;
    let pos = this.pos;
    while (pos < end) {
      const byte = bytes[pos]!;
      if (KIND[byte] !== BLANK) {
        this.pos = pos;
        return byte;
      }
      pos++;
    }
    this.pos = pos;
    throw this.#outOfBytes(expected);
  }

  /** Inside a list or an object, after an element: consumes a comma (true) or the closing character (false). */
  more(close: "]" | "}"): boolean {
    const expected = close === "]" ? '"," or "]"' : '"," or "}"';
    const byte = this.peek(expected);
    if (byte !== COMMA && byte !== (close === "]" ? 0x5d : 0x7d)) throw this.fail(expected);
    this.pos++;
    return byte === COMMA;
  }

  /** Consumes "[" or "{"; false when the list or object is empty (then the close is consumed, too). */
  open(open: "[" | "{"): boolean {
    const list = open === "[";
    const expected = list ? '"["' : '"{"';
    if (this.peek(expected) !== (list ? 0x5b : 0x7b)) throw this.fail(expected);
    this.pos++;
    if (this.peek(list ? 'a value or "]"' : 'a value or "}"') !== (list ? 0x5d : 0x7d)) return true;
    this.pos++;
    return false;
  }

  text(): string {
    if (this.peek("a text") !== QUOTE) throw this.fail("a text in quotes");
    const start = this.pos;
    if (this.#skipText()) return this.#parse(start) as string;
    return this.bytes.toString("utf8", start + 1, this.pos - 1);
  }

  /** Consumes `"key":` and returns which of `names` it is, -1 for another. Compares bytes; decodes only escapes. */
  key(names: readonly Buffer[]): number {
    if (this.peek("a key in quotes") !== QUOTE) throw this.fail("a key in quotes");
    const start = this.pos + 1;
    const escaped = this.#skipText();
    const length = this.pos - 1 - start;
    let found = -1;
    for (let i = 0; i < names.length && found < 0; i++) {
      const name = names[i]!;
      if (name.length !== length) continue;
      let j = 0;
      while (j < length && name[j] === this.bytes[start + j]) j++;
      if (j === length) found = i;
    }
    if (found < 0 && escaped) {
      const decoded = Buffer.from(this.#parse(start - 1) as string);
      found = names.findIndex((name) => name.equals(decoded));
    }
    if (this.peek('":"') !== COLON) throw this.fail('":"');
    this.pos++;
    return found;
  }

  /** A number, read digit by digit when it is a whole one. */
  number(what: string): number {
    const first = this.peek(what);
    const { bytes, end } = this;
    const start = this.pos;
    let pos = start;
    let value = 0;
    while (pos < end && KIND[bytes[pos]!] === DIGIT) value = value * 10 + bytes[pos++]! - 0x30;
    const whole = pos;
    while (pos < end && isNumberByte(bytes[pos]!)) pos++;
    if (pos === start) throw this.fail(`${what} (a number)`);
    // The number may continue in the next block.
    if (pos >= end) {
      this.pos = pos;
      throw this.#outOfBytes(what);
    }
    const leadingZero = first === 0x30 && whole > start + 1;
    if (pos > whole || whole - start > 15 || leadingZero) {
      value = leadingZero ? Number.NaN : Number(bytes.toString("latin1", start, pos));
      if (!Number.isFinite(value)) throw this.fail(`${what} (a number)`);
    }
    this.pos = pos;
    return value;
  }

  /** An id: a text, or a whole number that is the same in JavaScript. @throws beyond 2^53, where neighbours are one number. */
  id(what: string): string | number {
    if (this.peek(what) === QUOTE) return this.text();
    const start = this.pos;
    const value = this.number(what);
    if (Number.isSafeInteger(value)) return value;
    this.pos = start;
    throw badNumberId(what, this.offset, value);
  }

  /** Any value, parsed by the platform; NaN and Infinity, as Python writes them, are null. For small ones. */
  value(): unknown {
    this.peek("a value");
    const start = this.pos;
    this.skip();
    return this.#parse(start);
  }

  /** Consumes any value without building it. Counts brackets; does not check what lies inside. */
  skip(): void {
    const kind = KIND[this.peek("a value")]!;
    if (kind === OPENS) this.#skipNested();
    else if (kind === QUOTES) this.#skipText();
    else if (kind >= DIGIT) this.#skipScalar();
    else throw this.fail("a value");
  }

  #skipScalar(): void {
    const { bytes, end } = this;
    let pos = this.pos;
    while (pos < end && KIND[bytes[pos]!]! >= DIGIT) pos++;
    this.pos = pos;
    if (pos >= end) throw this.#outOfBytes("the end of a value");
  }

  #skipNested(): void {
    const { bytes, end } = this;
    let pos = this.pos;
    let depth = 0;
    // Numbers, most of what is skipped, are jumped over up to the next quote, which memchr finds.
    let quote = -1;
    while (pos < end) {
      const kind = KIND[bytes[pos]!]!;
      if (kind === 0 || kind > QUOTES) {
        pos++;
      } else if (kind === QUOTES) {
        this.pos = pos;
        this.#skipText();
        pos = this.pos;
      } else {
        pos++;
        depth += kind === OPENS ? 1 : -1;
        if (depth === 0) {
          this.pos = pos;
          return;
        }
        if (quote < pos) {
          quote = bytes.indexOf(QUOTE, pos);
          if (quote < 0 || quote > end) quote = end;
        }
        if (quote - pos > 32) pos = this.#afterNumbers(pos, quote);
      }
    }
    this.pos = pos;
    throw this.#outOfBytes("a closing bracket");
  }

  /** A place before `limit` such that no bracket lies between `pos` and it, 16 bytes at a stride. */
  #afterNumbers(pos: number, limit: number): number {
    const words = this.#words;
    const { bytes } = this;
    for (; (pos & 3) !== 0; pos++) if ((bytes[pos]! & 0x40) !== 0) return pos;
    let at = pos >> 2;
    const last = (limit >> 2) - 4;
    while (
      at <= last &&
      ((words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) & BRACKET_BITS) === 0
    )
      at += 4;
    return at << 2;
  }

  /** Consumes a text; the cursor is on its first quote. Returns whether it holds a backslash. */
  #skipText(): boolean {
    const { bytes, end } = this;
    let pos = this.pos + 1;
    let escaped = false;
    while (pos < end) {
      const byte = bytes[pos]!;
      if (byte === QUOTE) {
        this.pos = pos + 1;
        return escaped;
      }
      if (byte === BACKSLASH) {
        escaped = true;
        pos++;
      }
      pos++;
    }
    this.pos = end;
    throw this.#outOfBytes("a closing quote");
  }

  #parse(start: number): unknown {
    try {
      return parseJson(this.bytes.toString("utf8", start, this.pos));
    } catch (cause) {
      this.pos = start;
      throw new CslError(
        "invalid-file",
        `expected a JSON value at byte ${this.offset}, got ${(cause as Error).message}. The file is damaged; download it again.`,
        { cause },
      );
    }
  }

  #outOfBytes(expected: string): CslError {
    return this.atEnd ? this.fail(expected) : needMore;
  }
}

/** + - . digits e E */
const isNumberByte = (byte: number): boolean =>
  KIND[byte] === DIGIT || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65;
