import { type BadLine, type CsvRow, parseCsv } from "@csl/internal/csv/scan-csv";
import { CslError } from "@csl/internal/errors/csl-error";
import type { TakeRow } from "./custom-cells.js";
import { type IsClass, parseClassCell } from "./parse-class-cell.js";
import { describeUnclear, noteNoValues, type ProblemLog } from "./problem-log.js";

const NEWLINE = 0x0a;
const columnNames = ["path", "positives", "negatives", "split"] as const;

/** Where each column is, -1 where there is none, and how many fields a row has. */
type Columns = Record<(typeof columnNames)[number] | "count", number>;

/**
 * CSV after RFC 4180, by fast-csv: a header with `path` and `positives`, perhaps `negatives` and `split`, in any order;
 * other columns are ignored. Separated by commas, or by semicolons or tabs where the header is. Blank lines count as
 * lines. A line with misplaced quotes, which fast-csv refuses, is a problem; reading continues after it.
 *
 * @throws CslError `invalid-file` when the header is not there.
 */
export async function readCsvRows(
  blocks: AsyncIterable<Uint8Array>,
  take: TakeRow,
  problems: ProblemLog,
  isClass: IsClass,
): Promise<void> {
  let endsLine = true;
  let isEmpty = true;
  let columns: Columns | undefined;
  /** A row is checked when the next one comes: only the last of the file can be cut off. */
  let waiting: CsvRow | undefined;
  const batches = parseCsv(watched(), {
    delimiter: delimiterOf,
    onGiveUp: (line) => problems.add(line, "not-read", () => "more than 100 lines with misplaced quotes"),
  });
  for await (const rows of batches) {
    isEmpty = false;
    for (const row of rows) {
      const { bad } = row;
      if (bad) {
        problems.add(row.line, bad.last ? "torn-line" : "bad-row", () => describeBadLine(bad));
        continue;
      }
      if (row.fields.length === 0 || (row.fields.length === 1 && row.fields[0]!.trim() === "")) continue;
      if (!columns) {
        columns = parseHeader(row);
        continue;
      }
      if (waiting) takeRow(waiting, columns, "bad-row");
      waiting = row;
    }
  }
  if (!columns) {
    throw new CslError(
      "invalid-file",
      `expected a header with path and positives, got ${isEmpty ? "nothing" : "blank lines"}.`,
    );
  }
  if (waiting) takeRow(waiting, columns, endsLine ? "bad-row" : "torn-line");

  async function* watched(): AsyncGenerator<Uint8Array, void> {
    for await (const block of blocks) {
      endsLine = block.at(-1) === NEWLINE;
      yield block;
    }
  }

  function takeRow(
    { line, fields }: CsvRow,
    { path, positives, negatives, split, count }: Columns,
    kind: "bad-row" | "torn-line",
  ): void {
    if (fields.length !== count) {
      problems.add(
        line,
        kind,
        () =>
          `expected ${count} fields, got ${fields.length}: ${JSON.stringify(fields.join(",").slice(0, 80))}`,
      );
      return;
    }
    const present = parseClassCell(fields[positives]!, isClass);
    const absent = parseClassCell(negatives < 0 ? "" : fields[negatives]!, isClass);
    const unclear = [present, absent].find((cell) => typeof cell === "string");
    if (typeof present === "string" || typeof absent === "string") {
      problems.add(line, "unclear", () => describeUnclear(unclear as string));
      return;
    }
    noteNoValues(problems, line, [present, absent]);
    take({
      line,
      path: fields[path]!,
      positives: present.ids,
      negatives: absent.ids,
      ...(split < 0 || fields[split]!.trim() === "" ? {} : { split: fields[split]!.trim() }),
    });
  }
}

const describeBadLine = ({ text, reason }: BadLine): string =>
  `expected quotes around whole fields only, closed, and doubled inside; got ${JSON.stringify(text.slice(0, 80))} (${reason.slice(0, 60)})`;

/** The one that separates the header's columns. */
function delimiterOf(start: Uint8Array): string {
  const header = Buffer.from(start.subarray(0, 4096)).toString("utf8").split("\n", 1)[0]!;
  const isHeader = (delimiter: string): boolean =>
    header.includes(delimiter) && header.split(delimiter).some((name) => /^["\s]*path["\s]*$/i.test(name));
  return [",", ";", "\t"].find(isHeader) ?? ",";
}

function parseHeader({ fields, line }: CsvRow): Columns {
  const wrong = (message: string): CslError => new CslError("invalid-file", message);
  const names = fields.map((field) => field.trim().toLowerCase());
  const got = JSON.stringify(fields.join(",").slice(0, 80));
  const columns: Columns = {
    path: names.indexOf("path"),
    positives: names.indexOf("positives"),
    negatives: names.indexOf("negatives"),
    split: names.indexOf("split"),
    count: fields.length,
  };
  if (columns.path < 0 || columns.positives < 0) {
    throw wrong(
      `expected a header with path and positives (and perhaps negatives and split) in line ${line}, got ${got}.`,
    );
  }
  for (const column of columnNames) {
    if (names.indexOf(column) !== names.lastIndexOf(column))
      throw wrong(`expected the column ${column} once in line ${line}, got ${got}.`);
    // Ignoring a column of this name would make all of its labels un-annotated.
    const misspelt = column.endsWith("s") ? column.slice(0, -1) : `${column}s`;
    if (names.includes(misspelt) && !names.includes(column))
      throw wrong(`expected the column ${column} in line ${line}, got ${misspelt}. Rename it.`);
  }
  return columns;
}
