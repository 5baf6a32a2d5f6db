import type { CsvTaker } from "@csl/internal/csv/csv-reader";
import type { TakeRow } from "./custom-row.js";
import type { ProblemLog } from "./problem-log.js";

const COLUMNS = ["path", "positives", "negatives", "split"] as const;

/** Makes custom rows of a CSV file's fields. */
export class CsvRows implements CsvTaker {
  readonly #take: TakeRow;
  readonly #problems: ProblemLog;
  #columns: Record<(typeof COLUMNS)[number], number> | undefined;
  #width = 0;
  #isEmpty = true;
  /** A row is judged when the next one comes: only the last of the file can be torn. */
  #waiting: { line: number; fields: string[] } | undefined;

  constructor(take: TakeRow, problems: ProblemLog) {
    this.#take = take;
    this.#problems = problems;
  }

  row(line: number, fields: string[]): void {
    this.#isEmpty = false;
    if (fields.length === 0 || (fields.length === 1 && fields[0]!.trim() === "")) return;
    if (!this.#columns) this.#header(fields, line);
    else {
      if (this.#waiting) this.#judge(this.#waiting, "bad-row");
      this.#waiting = { line, fields };
    }
  }

  badLine(line: number, { text, reason, last }: { text: string; reason: string; last: boolean }): void {
    this.#problems.add(
      line,
      last ? "torn-line" : "bad-row",
      () =>
        `expected quotes around whole fields only, closed, and doubled inside; got ${JSON.stringify(text.slice(0, 80))} (${reason.slice(0, 60)})`,
    );
  }

  finish(endsLine: boolean): void {
    if (this.#waiting) this.#judge(this.#waiting, endsLine ? "bad-row" : "torn-line");
    if (!this.#columns) {
      throw new Error(
        `expected a header with path and positives, got ${this.#isEmpty ? "nothing" : "blank lines"}.`,
      );
    }
  }

  #header(fields: readonly string[], line: number): void {
    const names = fields.map((field) => field.trim().toLowerCase());
    const got = JSON.stringify(fields.join(",").slice(0, 80));
    const [path, positives, negatives, split] = COLUMNS.map((name) => names.indexOf(name));
    if (path! < 0 || positives! < 0) {
      throw new Error(
        `expected a header with path and positives (and perhaps negatives and split) in line ${line}, got ${got}.`,
      );
    }
    for (const column of COLUMNS) {
      if (names.indexOf(column) !== names.lastIndexOf(column))
        throw new Error(`expected the column ${column} once in line ${line}, got ${got}.`);
      // Passing over a column of this name would make all of its labels un-annotated.
      const misspelt = column.endsWith("s") ? column.slice(0, -1) : `${column}s`;
      if (names.includes(misspelt) && !names.includes(column))
        throw new Error(`expected the column ${column} in line ${line}, got ${misspelt}. Rename it.`);
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
