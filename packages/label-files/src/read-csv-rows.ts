import { parse } from "fast-csv";
import { CsvRows } from "./csv-rows.js";
import type { TakeRow } from "./custom-row.js";
import type { ProblemLog } from "./problem-log.js";

/** A row longer than this is a quote that is never closed. */
const LONGEST_ROW = 1 << 18;
/** What fast-csv is given at a time: it looks through all of an unfinished row again with every piece. */
const PIECE = 1 << 16;
/** After so many lines with misplaced quotes the file is no CSV. */
const MOST_BAD_LINES = 100;
/** Bytes. */
const FINEST = 64;
const NEWLINE = 0x0a;

/**
 * CSV after RFC 4180, by fast-csv: a header with `path` and `positives`, perhaps `negatives` and `split`, in any order;
 * other columns are passed over. Separated by commas, or by semicolons or tabs where the header is. Blank lines count
 * as lines. A line with misplaced quotes, at which fast-csv gives up, is a problem; the reading goes on behind it.
 *
 * @throws when the header is not there.
 */
export async function readCsvRows(
  blocks: AsyncIterable<Uint8Array>,
  take: TakeRow,
  problems: ProblemLog,
): Promise<void> {
  const rows = new CsvRows(take, problems);
  let reader: Reader | undefined;
  let endsLine = true;
  for await (const block of blocks) {
    reader ??= new Reader(rows, problems, delimiterOf(block));
    for (let at = 0; at < block.length && !reader.gaveUp; at += PIECE) {
      // A copy: the block is only lent.
      await reader.write(Buffer.from(block.subarray(at, at + PIECE)));
    }
    endsLine = block.at(-1) === NEWLINE;
    if (reader.gaveUp) break;
  }
  await reader?.end();
  rows.finish(endsLine);
}

/** fast-csv, started again behind every line that stops it. */
class Reader {
  gaveUp = false;
  readonly #rows: CsvRows;
  readonly #problems: ProblemLog;
  readonly #delimiter: string;
  #parser: ReturnType<typeof parse>;
  #stopped: Error | undefined;
  /** What `take` threw, inside an event of the parser's. */
  #failure: unknown;
  /** The bytes from line `#tailLine` on, where the first row that is not out yet begins. */
  #tail: Buffer = Buffer.alloc(0);
  #tailLine = 1;
  #badLines = 0;

  constructor(rows: CsvRows, problems: ProblemLog, delimiter: string) {
    this.#rows = rows;
    this.#problems = problems;
    this.#delimiter = delimiter;
    this.#parser = this.#start();
  }

  async write(piece: Buffer): Promise<void> {
    this.#tail = Buffer.concat([this.#tail, piece]);
    await this.#feed(piece);
    this.#trim();
    if (this.#tail.length > LONGEST_ROW) this.#stopped ??= new Error("a quote that is not closed");
    while (this.#stopped && !this.gaveUp) await this.#passOver();
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
      try {
        this.#rows.row(fields);
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
    for (; this.#tailLine < this.#rows.line; this.#tailLine++) {
      const end = this.#tail.indexOf(NEWLINE, at);
      at = end < 0 ? this.#tail.length : end + 1;
    }
    this.#tail = this.#tail.subarray(at);
  }

  /** Leaves out the line that stopped the parser and goes on behind it. */
  async #passOver(): Promise<void> {
    const { message } = this.#stopped!;
    await this.#closeIn();
    const end = this.#tail.indexOf(NEWLINE);
    const last = end < 0;
    const text = this.#tail.toString("utf8", 0, last ? this.#tail.length : end);
    if (++this.#badLines > MOST_BAD_LINES) {
      this.gaveUp = true;
      this.#problems.add(
        this.#rows.line,
        "not-read",
        () => `more than ${MOST_BAD_LINES} lines with misplaced quotes`,
      );
      return;
    }
    if (text !== "") this.#rows.badLine(text, message, last ? "torn-line" : "bad-row");
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

/** The one that separates the header's columns. */
function delimiterOf(block: Uint8Array): string {
  const start = Buffer.from(block.subarray(0, 4096)).toString("utf8");
  const header = start.replace(/^\ufeff/, "").split("\n", 1)[0]!;
  const isHeader = (delimiter: string): boolean =>
    header.includes(delimiter) && header.split(delimiter).some((name) => /^["\s]*path["\s]*$/i.test(name));
  return [",", ";", "\t"].find(isHeader) ?? ",";
}
