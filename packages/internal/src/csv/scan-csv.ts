import { parse as createParser } from "fast-csv";
import { CslError } from "../errors/csl-error.js";
import type { ReadBlocksOptions } from "../files/read-blocks.js";
import { readTextBlocks } from "../files/read-text-blocks.js";

/** A row of a CSV file, its fields without their quotes; or a line that is no CSV. */
export interface CsvRow {
  /** Where it begins, from 1 on. */
  readonly line: number;
  readonly fields: string[];
  /** What is wrong with a line that is no row; it has no fields. */
  readonly bad?: BadLine;
}

export interface BadLine {
  text: string;
  /** What fast-csv says. */
  reason: string;
  /** Whether the file ends in this line, so that it may be cut off. */
  last: boolean;
}

export interface ParseCsvOptions {
  /** What separates the fields, or how to tell from the file's first bytes. Default: a comma. */
  delimiter?: string | ((start: Uint8Array) => string);
  /** Called after 100 bad lines with the line of the next one: the rest of the file is not read. */
  onGiveUp: (line: number) => void;
}

const MOST_BAD_LINES = 100;
/** Bytes that fast-csv gets at a time: it is slower with longer texts. */
const PIECE = 1 << 13;
/** A row longer than this is a quote that is never closed. */
const LONGEST_ROW = 1 << 18;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/**
 * The rows of a quoted CSV file (RFC 4180), plain or gzipped, by fast-csv, without blank lines. Reading continues after
 * a line that fast-csv refuses.
 *
 * @throws CslError for a file that cannot be read, and after a hundred bad lines. Messages name neither file nor caller.
 */
export async function* scanCsv(
  path: string,
  options: ReadBlocksOptions = {},
): AsyncGenerator<CsvRow, void, undefined> {
  const batches = parseCsv(readTextBlocks(path, options), {
    onGiveUp: (line) => {
      throw new CslError(
        "invalid-file",
        `expected CSV, got more than ${MOST_BAD_LINES} lines with misplaced quotes, the last in line ${line}. Is it the right file?`,
      );
    },
  });
  for await (const rows of batches)
    for (const row of rows) if (row.bad || row.fields.some((field) => field.trim() !== "")) yield row;
}

/**
 * The rows of CSV bytes in batches, by fast-csv. It gives no row of a text that it refuses, so it gets texts that end
 * where a row ends: at a newline with an even number of quotes before it. A refused text is given to it again line by
 * line: the line that is refused by itself, and as a row of several lines, is bad.
 */
export async function* parseCsv(
  blocks: AsyncIterable<Uint8Array>,
  { delimiter = ",", onGiveUp }: ParseCsvOptions,
): AsyncGenerator<CsvRow[], void, undefined> {
  let separator: string | undefined;
  /** What ends a line; old spreadsheets write carriage returns alone. */
  let newline = NEWLINE;
  let line = 1;
  let badLines = 0;
  let rows: CsvRow[] = [];

  /** Returns why the text is refused; its rows are in `rows` otherwise. */
  const parse = async (bytes: Buffer): Promise<string | undefined> => {
    const { found, reason } = await parseBytes(bytes, separator!);
    if (reason !== undefined) return reason;
    for (const fields of found) {
      rows.push({ line, fields });
      line++;
      for (const field of fields) line += countNewlines(field);
    }
    return undefined;
  };

  /** Returns how many bytes are done with: a row that may not be complete waits for more bytes, unless they are final. */
  const take = async (bytes: Buffer, final: boolean): Promise<number> => {
    const end = final ? bytes.length : lastRowEnd(bytes, newline);
    const isTooLong = bytes.length > LONGEST_ROW;
    if (end === 0 && !isTooLong) return 0;
    if (end > 0 && (await parse(bytes.subarray(0, end))) === undefined) return end;
    for (let at = 0; at < bytes.length; ) {
      const rest = bytes.subarray(at);
      const lineBreak = rest.indexOf(newline);
      if (lineBreak < 0 && !final && !isTooLong) return at;
      const lineEnd = lineBreak + 1 || rest.length;
      const reason = await parse(rest.subarray(0, lineEnd));
      if (reason === undefined) {
        at += lineEnd;
        continue;
      }
      const rowEnd = firstRowEnd(rest, newline);
      if (rowEnd === 0 && !final && rest.length <= LONGEST_ROW) return at;
      if (rowEnd > lineEnd && (await parse(rest.subarray(0, rowEnd))) === undefined) {
        at += rowEnd;
        continue;
      }
      if (++badLines > MOST_BAD_LINES) {
        onGiveUp(line);
        return bytes.length;
      }
      const text = rest.toString("utf8", 0, lineBreak < 0 ? rest.length : lineBreak);
      rows.push({ line: line++, fields: [], bad: { text, reason, last: lineBreak < 0 } });
      at += lineEnd;
      return at + (await take(bytes.subarray(at), final));
    }
    return bytes.length;
  };

  let pending: Buffer = Buffer.alloc(0);
  for await (const block of blocks) {
    separator ??= typeof delimiter === "string" ? delimiter : delimiter(block);
    for (let at = 0; at < block.length && badLines <= MOST_BAD_LINES; at += PIECE) {
      pending = Buffer.concat([pending, block.subarray(at, at + PIECE)]);
      if (pending.length > PIECE && !pending.includes(NEWLINE) && pending.includes(CARRIAGE_RETURN))
        newline = CARRIAGE_RETURN;
      pending = pending.subarray(await take(pending, false));
      if (rows.length > 0) yield rows;
      rows = [];
    }
    if (badLines > MOST_BAD_LINES) return;
  }
  await take(pending, true);
  if (rows.length > 0) yield rows;
}

function parseBytes(bytes: Buffer, delimiter: string): Promise<{ found: string[][]; reason?: string }> {
  return new Promise((resolve) => {
    const found: string[][] = [];
    createParser({ headers: false, delimiter })
      .on("data", (fields: string[]) => found.push(fields))
      .on("error", ({ message }) => resolve({ found: [], reason: message }))
      .on("end", () => resolve({ found }))
      .end(bytes);
  });
}

/** Behind the last line break that no quote encloses; 0 without one. */
function lastRowEnd(bytes: Buffer, newline: number): number {
  let end = 0;
  for (let at = 0; ; ) {
    const open = bytes.indexOf(QUOTE, at);
    const outside = bytes.subarray(at, open < 0 ? bytes.length : open);
    const lineBreak = outside.lastIndexOf(newline);
    if (lineBreak >= 0) end = at + lineBreak + 1;
    const close = open < 0 ? -1 : bytes.indexOf(QUOTE, open + 1);
    if (close < 0) return end;
    at = close + 1;
  }
}

/** Behind the first line break that no quote encloses; 0 without one. */
function firstRowEnd(bytes: Buffer, newline: number): number {
  for (let at = 0; ; ) {
    const open = bytes.indexOf(QUOTE, at);
    const lineBreak = bytes.indexOf(newline, at);
    if (lineBreak >= 0 && (open < 0 || lineBreak < open)) return lineBreak + 1;
    const close = open < 0 ? -1 : bytes.indexOf(QUOTE, open + 1);
    if (close < 0) return 0;
    at = close + 1;
  }
}

function countNewlines(field: string): number {
  let count = 0;
  for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) count++;
  return count;
}
