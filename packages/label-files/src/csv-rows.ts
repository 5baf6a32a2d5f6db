import type { TakeRow } from "./custom-row.js";
import type { ProblemLog } from "./problem-log.js";

const COLUMNS = ["path", "positives", "negatives", "split"] as const;

/** Makes custom rows of a CSV file's fields and keeps count of the lines. */
export class CsvRows {
  readonly #take: TakeRow;
  readonly #problems: ProblemLog;
  /** Where the next row begins. */
  line = 1;
  #columns: Record<(typeof COLUMNS)[number], number> | undefined;
  #width = 0;
  /** A row is judged when the next one comes: only the last of the file can be torn. */
  #waiting: { line: number; fields: string[] } | undefined;

  constructor(take: TakeRow, problems: ProblemLog) {
    this.#take = take;
    this.#problems = problems;
  }

  row(fields: string[]): void {
    const line = this.line;
    this.line++;
    for (const field of fields) this.line += newlines(field);
    if (fields.length === 0 || (fields.length === 1 && fields[0]!.trim() === "")) return;
    if (!this.#columns) this.#header(fields, line);
    else {
      if (this.#waiting) this.#judge(this.#waiting, "bad-row");
      this.#waiting = { line, fields };
    }
  }

  /** A line that fast-csv cannot read, passed over. */
  badLine(text: string, message: string, kind: "bad-row" | "torn-line" = "bad-row"): void {
    const line = this.line++;
    this.#problems.add(
      line,
      kind,
      () =>
        `expected quotes around whole fields only, closed, and doubled inside; got ${JSON.stringify(text.slice(0, 80))} (${message.slice(0, 60)})`,
    );
  }

  finish(endsLine: boolean): void {
    if (this.#waiting) this.#judge(this.#waiting, endsLine ? "bad-row" : "torn-line");
    if (!this.#columns) {
      throw new Error(
        `expected a header with path and positives, got ${this.line === 1 ? "nothing" : "blank lines"}.`,
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
