import { parse } from "fast-csv";

/** A row longer than this is a quote that is never closed. */
const LONGEST_ROW = 1 << 18;
/** What fast-csv is given at a time: it looks through all of an unfinished row again with every piece. */
const PIECE = 1 << 16;
/** After so many lines with misplaced quotes the file is no CSV. */
export const MOST_BAD_LINES = 100;
/** Bytes. */
const FINEST = 64;
const NEWLINE = 0x0a;

/** Who is told of rows and of lines that are none. `line` is where they begin, from 1. */
export interface CsvTaker {
  row: (line: number, fields: string[]) => void;
  /** A line at which fast-csv gives up, left out. `last`: nothing comes behind it, so that it may be cut off. */
  badLine: (line: number, what: { text: string; reason: string; last: boolean }) => void;
}

/** CSV after RFC 4180 by fast-csv, started again behind every line that stops it. */
export class CsvReader {
  /** Set after too many bad lines: nothing more is read. */
  gaveUp = false;
  /** Where the next row begins. */
  line = 1;
  readonly #taker: CsvTaker;
  readonly #delimiter: string;
  #parser: ReturnType<typeof parse>;
  #stopped: Error | undefined;
  /** What `row` threw, inside an event of the parser's. */
  #failure: unknown;
  /** The bytes from line `#tailLine` on, where the first row that is not out yet begins. */
  #tail: Buffer = Buffer.alloc(0);
  #tailLine = 1;
  #badLines = 0;

  constructor(taker: CsvTaker, delimiter: string) {
    this.#taker = taker;
    this.#delimiter = delimiter;
    this.#parser = this.#start();
  }

  /** The next bytes of the file, which are copied. Rows are taken before this returns. */
  async write(block: Uint8Array): Promise<void> {
    for (let at = 0; at < block.length && !this.gaveUp; at += PIECE) {
      const piece = Buffer.from(block.subarray(at, at + PIECE));
      this.#tail = Buffer.concat([this.#tail, piece]);
      await this.#feed(piece);
      this.#trim();
      if (this.#tail.length > LONGEST_ROW) this.#stopped ??= new Error("a quote that is not closed");
      while (this.#stopped && !this.gaveUp) await this.#passOver();
    }
  }

  async end(): Promise<void> {
    while (!this.gaveUp) {
      await this.#finished();
      this.#trim();
      if (!this.#stopped) return;
      await this.#passOver();
    }
  }

  #start(): ReturnType<typeof parse> {
    this.#stopped = undefined;
    const parser = parse({ headers: false, delimiter: this.#delimiter });
    parser.on("data", (fields: string[]) => {
      if (this.#failure !== undefined || parser !== this.#parser) return;
      const { line } = this;
      this.line++;
      for (const field of fields) this.line += newlines(field);
      try {
        this.#taker.row(line, fields);
      } catch (error) {
        this.#failure = error;
      }
    });
    parser.on("error", (error) => {
      this.#stopped ??= error;
    });
    return parser;
  }

  async #feed(piece: Buffer): Promise<void> {
    const parser = this.#parser;
    await new Promise<void>((resolve) => parser.write(piece, () => resolve()));
    while (parser.readableLength > 0 && !this.#stopped) await new Promise(setImmediate);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #finished(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#parser.once("end", resolve).once("error", () => resolve());
      this.#parser.end();
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Forgets the lines of rows that are out. */
  #trim(): void {
    let at = 0;
    for (; this.#tailLine < this.line; this.#tailLine++) {
      const end = this.#tail.indexOf(NEWLINE, at);
      at = end < 0 ? this.#tail.length : end + 1;
    }
    this.#tail = this.#tail.subarray(at);
  }

  /** Leaves out the line that stopped the parser and goes on behind it. */
  async #passOver(): Promise<void> {
    const reason = this.#stopped!.message;
    await this.#closeIn();
    const end = this.#tail.indexOf(NEWLINE);
    const last = end < 0;
    const text = this.#tail.toString("utf8", 0, last ? this.#tail.length : end);
    if (++this.#badLines > MOST_BAD_LINES) {
      this.gaveUp = true;
      return;
    }
    if (text !== "") this.#taker.badLine(this.line++, { text, reason, last });
    this.#trim();
    await this.#again((_, bytes) => bytes.length);
  }

  /** fast-csv drops the good rows of a piece with the bad one: ever smaller pieces, until the bad one comes first. */
  async #closeIn(): Promise<void> {
    for (let step = Math.min(PIECE, this.#tail.length); step > FINEST && this.#stopped; ) {
      step = Math.ceil(step / 8);
      await this.#again((at) => at + step);
    }
    // What stops the parser lies in the last of these pieces: behind it, the first row that is not out is the bad one.
    const byLine = (at: number, bytes: Buffer): number => bytes.indexOf(NEWLINE, at) + 1 || bytes.length;
    if (this.#stopped) await this.#again(byLine, 2 * FINEST);
  }

  /** Gives all that is not out yet to a new parser, piece by piece, until it stops or `limit` bytes have been given. */
  async #again(next: (at: number, bytes: Buffer) => number, limit = Number.POSITIVE_INFINITY): Promise<void> {
    this.#parser.destroy();
    this.#parser = this.#start();
    const bytes = this.#tail;
    for (let at = 0; at < bytes.length && at <= limit && !this.#stopped; ) {
      const end = next(at, bytes);
      await this.#feed(bytes.subarray(at, end));
      at = end;
    }
    this.#trim();
  }
}

function newlines(field: string): number {
  let count = 0;
  for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) count++;
  return count;
}
