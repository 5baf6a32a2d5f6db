/** Thrown (one object, never shown) when a value goes on beyond the bytes at hand: read more, then try again. */
export const needMore: Error = new Error("JsonCursor: expected more bytes.");

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** For every byte: 0 plain, 1 opens, 2 closes, 3 quote. Walking over it skips nested values at disk speed. */
const STRUCTURE = new Uint8Array(256);
STRUCTURE[0x5b] = STRUCTURE[0x7b] = 1; // [ {
STRUCTURE[0x5d] = STRUCTURE[0x7d] = 2; // ] }
STRUCTURE[QUOTE] = 3;

/** A place in a window of JSON bytes. Reads and skips values without building what nobody asked for. */
export class JsonCursor {
  bytes: Buffer = Buffer.alloc(0);
  pos = 0;
  /** The end of the valid bytes in `bytes`. */
  end = 0;
  /** Whether the file ends at `end`. */
  atEnd = false;
  /** Position of bytes[0] in the file. */
  base = 0;

  get offset(): number {
    return this.base + this.pos;
  }

  /** An error about the byte under the cursor. */
  fail(expected: string): Error {
    const atEnd = this.pos >= this.end;
    const got = atEnd ? "the end of the file" : JSON.stringify(String.fromCharCode(this.bytes[this.pos]!));
    const way = atEnd
      ? "The file is cut off; copy or download it again."
      : "The file is damaged or is no JSON; download it again.";
    return new Error(`expected ${expected} at byte ${this.offset}, got ${got}. ${way}`);
  }

  /** The next byte that is not white space, not consumed. */
  peek(expected: string): number {
    const { bytes, end } = this;
    let pos = this.pos;
    while (pos < end) {
      const byte = bytes[pos]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.pos = pos;
        return byte;
      }
      pos++;
    }
    this.pos = pos;
    throw this.#outOfBytes(expected);
  }

  /** Consumes one given character. */
  take(char: string): void {
    if (this.peek(`"${char}"`) !== char.charCodeAt(0)) throw this.fail(`"${char}"`);
    this.pos++;
  }

  /**
   * Inside an object or a list, after an element: consumes "," and returns true, or the closing character and
   * returns false.
   */
  more(close: string): boolean {
    const byte = this.peek(`"," or "${close}"`);
    if (byte !== 0x2c && byte !== close.charCodeAt(0)) throw this.fail(`"," or "${close}"`);
    this.pos++;
    return byte === 0x2c;
  }

  /** Consumes an opening character; false when the object or list is empty (then the close is consumed, too). */
  open(open: string, close: string): boolean {
    this.take(open);
    if (this.peek(`a value or "${close}"`) !== close.charCodeAt(0)) return true;
    this.pos++;
    return false;
  }

  text(): string {
    const start = this.pos;
    this.#skipText();
    const inner = this.bytes.subarray(start + 1, this.pos - 1);
    if (!inner.includes(BACKSLASH)) return inner.toString("utf8");
    return this.#parse(start) as string;
  }

  /** Consumes `"key":` and returns which of `names` it is, -1 for another. Compares bytes; decodes only escapes. */
  key(names: readonly Buffer[]): number {
    if (this.peek("a key in quotes") !== QUOTE) throw this.fail("a key in quotes");
    const start = this.pos + 1;
    this.#skipText();
    const length = this.pos - 1 - start;
    let found = -1;
    for (let i = 0; i < names.length && found < 0; i++) {
      const name = names[i]!;
      if (name.length !== length) continue;
      let j = 0;
      while (j < length && name[j] === this.bytes[start + j]) j++;
      if (j === length) found = i;
    }
    if (found < 0 && this.bytes.subarray(start, start + length).includes(BACKSLASH)) {
      const decoded = Buffer.from(this.#parse(start - 1) as string);
      found = names.findIndex((name) => name.equals(decoded));
    }
    this.take(":");
    return found;
  }

  /** A number, read digit by digit when it is a whole one. */
  number(what: string): number {
    const first = this.peek(what);
    const { bytes, end } = this;
    const start = this.pos;
    let pos = start;
    let value = 0;
    while (pos < end && bytes[pos]! >= 0x30 && bytes[pos]! <= 0x39) value = value * 10 + bytes[pos++]! - 0x30;
    const whole = pos;
    while (pos < end && isNumberByte(bytes[pos]!)) pos++;
    if (pos === start) throw this.fail(`${what} (a number)`);
    // The number could go on in the next block.
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

  /** Any value, parsed by the platform. For small ones. */
  value(): unknown {
    this.peek("a value");
    const start = this.pos;
    this.skip();
    return this.#parse(start);
  }

  /** Consumes any value without building it. Counts brackets; does not check what lies inside. */
  skip(): void {
    const kind = STRUCTURE[this.peek("a value")]!;
    if (kind === 2) throw this.fail("a value");
    if (kind === 3) this.#skipText();
    else if (kind === 1) this.#skipNested();
    else this.#skipScalar();
  }

  #skipScalar(): void {
    const { bytes, end } = this;
    let pos = this.pos;
    while (pos < end && isScalarByte(bytes[pos]!)) pos++;
    if (pos === this.pos) throw this.fail("a value");
    this.pos = pos;
    if (pos >= end) throw this.#outOfBytes("the end of a value");
  }

  #skipNested(): void {
    const { bytes, end } = this;
    let pos = this.pos;
    let depth = 0;
    while (pos < end) {
      const kind = STRUCTURE[bytes[pos]!]!;
      if (kind === 0) {
        pos++;
      } else if (kind === 3) {
        this.pos = pos;
        this.#skipText();
        pos = this.pos;
      } else {
        pos++;
        depth += kind === 1 ? 1 : -1;
        if (depth === 0) {
          this.pos = pos;
          return;
        }
      }
    }
    this.pos = pos;
    throw this.#outOfBytes("a closing bracket");
  }

  /** Consumes a text; the cursor is on its first quote. */
  #skipText(): void {
    const { bytes, end } = this;
    let pos = this.pos + 1;
    while (pos < end) {
      const byte = bytes[pos]!;
      if (byte === QUOTE) {
        this.pos = pos + 1;
        return;
      }
      pos += byte === BACKSLASH ? 2 : 1;
    }
    this.pos = end;
    throw this.#outOfBytes("a closing quote");
  }

  #parse(start: number): unknown {
    try {
      return JSON.parse(this.bytes.toString("utf8", start, this.pos));
    } catch (cause) {
      this.pos = start;
      throw new Error(
        `expected a JSON value at byte ${this.offset}, got ${(cause as Error).message}. The file is damaged; download it again.`,
        { cause },
      );
    }
  }

  #outOfBytes(expected: string): Error {
    return this.atEnd ? this.fail(expected) : needMore;
  }
}

/** + - . digits e E */
const isNumberByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65;

/** Letters and what numbers are made of: true, false, null, NaN (which Python writes), 1e-5. */
const isScalarByte = (byte: number): boolean =>
  isNumberByte(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
