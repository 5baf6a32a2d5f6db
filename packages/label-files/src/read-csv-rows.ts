import { parse } from "fast-csv";
import type { TakeRow } from "./custom-row.js";
import type { ProblemLog } from "./problem-log.js";

const COLUMNS = ["path", "positives", "negatives", "split"] as const;
/** A row longer than this is a quote that is never closed; reading on would take the rest of the file into memory. */
const LONGEST_ROW = 1 << 20;
/** What fast-csv is given at a time: it looks through all of an unfinished row again with every piece. */
const PIECE = 1 << 16;

/**
 * CSV after RFC 4180, by fast-csv: a header with `path` and `positives`, perhaps `negatives` and `split`, in any order;
 * other columns are passed over. Separated by commas, or by semicolons or tabs where the header is. Blank lines count
 * as lines. After a misplaced quote nothing more can be told apart: the rest is one problem.
 *
 * @throws when the header is not there.
 */
export async function readCsvRows(
  blocks: AsyncIterable<Uint8Array>,
  take: TakeRow,
  problems: ProblemLog,
): Promise<void> {
  const state = new CsvRows(take, problems);
  let parser: ReturnType<typeof parse> | undefined;
  let failure: Error | undefined;
  let sinceRow = 0;
  let endsLine = true;
  for await (const block of blocks) {
    if (!parser) {
      parser = parse({ headers: false, delimiter: delimiterOf(block) });
      parser.on("data", (fields: string[]) => {
        sinceRow = 0;
        try {
          state.row(fields);
        } catch (error) {
          failure ??= error as Error;
        }
      });
      parser.on("error", (error) => {
        state.stopped = error;
      });
    }
    endsLine = block.at(-1) === 0x0a;
    for (let at = 0; at < block.length && !state.stopped; at += PIECE) {
      // A copy: the block is only lent.
      const piece = Buffer.from(block.subarray(at, at + PIECE));
      sinceRow += piece.length;
      await new Promise<void>((resolve) => parser!.write(piece, () => resolve()));
      if (failure) throw failure;
      if (sinceRow > LONGEST_ROW) state.stopped ??= new Error("a quote that is not closed");
    }
    if (state.stopped) break;
  }
  if (parser && !state.stopped) {
    const ended = new Promise<void>((resolve) => {
      parser.once("end", resolve).once("error", () => resolve());
    });
    parser.end();
    await ended;
    if (failure) throw failure;
  }
  parser?.removeAllListeners("data").destroy();
  state.finish(endsLine);
}

class CsvRows {
  stopped: Error | undefined;
  readonly #take: TakeRow;
  readonly #problems: ProblemLog;
  #line = 1;
  #columns: Record<(typeof COLUMNS)[number], number> | undefined;
  #width = 0;
  /** A row is judged when the next one comes: only the last of the file can be torn. */
  #waiting: { line: number; fields: string[] } | undefined;

  constructor(take: TakeRow, problems: ProblemLog) {
    this.#take = take;
    this.#problems = problems;
  }

  row(fields: string[]): void {
    const line = this.#line;
    this.#line++;
    for (const field of fields) this.#line += newlines(field);
    if (fields.length === 0 || (fields.length === 1 && fields[0]!.trim() === "")) return;
    if (!this.#columns) this.#header(fields, line);
    else {
      if (this.#waiting) this.#judge(this.#waiting, "bad-row");
      this.#waiting = { line, fields };
    }
  }

  finish(endsLine: boolean): void {
    if (this.#waiting) this.#judge(this.#waiting, endsLine ? "bad-row" : "torn-line");
    if (this.stopped) {
      const { message } = this.stopped;
      this.#problems.add(
        this.#line,
        "not-read",
        () =>
          `expected quotes around whole fields only, closed, and doubled inside; got ${message.slice(0, 120)}`,
      );
    } else if (!this.#columns) {
      throw new Error(
        `expected a header with path and positives, got ${this.#line === 1 ? "nothing" : "blank lines"}.`,
      );
    }
  }

  #header(fields: readonly string[], line: number): void {
    const names = fields.map((field) => field.trim().toLowerCase());
    const [path, positives, negatives, split] = COLUMNS.map((name) => names.indexOf(name));
    if (path! < 0 || positives! < 0) {
      throw new Error(
        `expected a header with path and positives (and perhaps negatives and split) in line ${line}, got ${JSON.stringify(fields.join(",").slice(0, 80))}.`,
      );
    }
    this.#columns = { path: path!, positives: positives!, negatives: negatives!, split: split! };
    this.#width = fields.length;
  }

  #judge({ line, fields }: { line: number; fields: string[] }, kind: "bad-row" | "torn-line"): void {
    if (fields.length !== this.#width) {
      this.#problems.add(
        line,
        kind,
        () =>
          `expected ${this.#width} fields, got ${fields.length}: ${JSON.stringify(fields.join(",").slice(0, 80))}`,
      );
      return;
    }
    const { path, positives, negatives, split } = this.#columns!;
    this.#take({
      line,
      path: fields[path]!,
      positives: listOf(fields[positives]!),
      negatives: negatives < 0 ? [] : listOf(fields[negatives]!),
      ...(split < 0 || fields[split]!.trim() === "" ? {} : { split: fields[split]!.trim() }),
    });
  }
}

/** Entries separated by ";" or "|". */
function listOf(field: string): string[] {
  if (field === "") return [];
  return field
    .split(/[;|]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function newlines(field: string): number {
  let count = 0;
  for (let at = field.indexOf("\n"); at >= 0; at = field.indexOf("\n", at + 1)) count++;
  return count;
}

/** The one that separates the header's columns. */
function delimiterOf(block: Uint8Array): string {
  const header = Buffer.from(block.subarray(0, 4096))
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split("\n", 1)[0]!;
  const isHeader = (delimiter: string): boolean =>
    header.split(delimiter).some((name) => /^["\s]*path["\s]*$/i.test(name)) && header.includes(delimiter);
  return [",", ";", "\t"].find(isHeader) ?? ",";
}
