import { type BadLine, type CsvRow, parseCsv } from "@csl/internal/csv/scan-csv";
import { CslError } from "@csl/internal/errors/csl-error";
import type { TakeRow } from "./custom-cells.js";
import { type IsClass, parseClassCell } from "./parse-class-cell.js";
import { describeUnclear, noteNoValues, type ProblemLog } from "./problem-log.js";
import { type WideColumns, wideColumns, wideLabel } from "./wide-columns.js";

const NEWLINE = 0x0a;
const columnNames = ["path", "positives", "negatives", "split"] as const;

/** Where each column is, -1 where there is none, and how many fields a row has. */
type Columns = Record<(typeof columnNames)[number] | "count", number>;

/**
 * CSV after RFC 4180, by fast-csv: a header with `path` and `positives`, perhaps `negatives` and `split`, in any order;
 * other columns are ignored. Or a header with the path and a column per class, which has 1, 0 or nothing. Separated by commas, or by semicolons or tabs where the header is. Blank lines count as
 * lines. A line with misplaced quotes, which fast-csv refuses, is a problem; reading continues after it.
 *
 * @throws CslError `invalid-file` when the header is not there.
 */
export async function readCsvRows(
  blocks: AsyncIterable<Uint8Array>,
  take: TakeRow,
  problems: ProblemLog,
  { isClass, knowClasses }: { isClass: IsClass; knowClasses: KnowClasses },
): Promise<void> {
  let endsLine = true;
  let isEmpty = true;
  let columns: Columns | WideColumns | undefined;
  /** A row is checked when the next one comes: only the last of the file can be cut off. */
  let waiting: CsvRow | undefined;
  /** What is said of the header should it be no wide one. */
  let refused: CslError | undefined;
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
        const { header, refusal } = parseHeader(row);
        columns = header;
        refused = refusal;
        if ("classes" in columns) {
          const known = knowClasses(
            columns.classes.map(({ id }) => id),
            row.line,
          );
          columns.classes = columns.classes.filter((_, i) => known[i]);
          if (columns.classes.length === 0) throw refused;
        }
        continue;
      }
      // Whether columns are classes is known by what they hold.
      if (refused && "classes" in columns && row.fields.length === columns.count) {
        const wrong = notWide(row, columns);
        if (wrong !== undefined)
          throw new CslError("invalid-file", `${refused.message} Or a column per class: ${wrong}`);
        refused = undefined;
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
    columns: Columns | WideColumns,
    kind: "bad-row" | "torn-line",
  ): void {
    const { path, split, count } = columns;
    if (fields.length !== count) {
      problems.add(
        line,
        kind,
        () =>
          `expected ${count} fields, got ${fields.length}: ${JSON.stringify(fields.join(",").slice(0, 80))}`,
      );
      return;
    }
    if ("classes" in columns) {
      const wrong = notWide({ line, fields }, columns);
      if (wrong !== undefined) {
        problems.add(line, "bad-row", () => wrong);
        return;
      }
      const classesWith = (label: 0 | 1): string[] =>
        columns.classes.filter(({ column }) => wideLabel(fields[column]!) === label).map(({ id }) => id);
      const name = split < 0 ? "" : fields[split]!.trim();
      take({
        line,
        path: fields[path]!,
        positives: classesWith(1),
        negatives: classesWith(0),
        ...(name && { split: name }),
      });
      return;
    }
    const { positives, negatives } = columns;
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
    header.includes(delimiter) && wideColumns(header.replaceAll('"', "").split(delimiter)) !== undefined;
  return [",", ";", "\t"].find(isHeader) ?? ",";
}

/** What is wrong with a row of a wide file, in words. */
function notWide({ fields, line }: CsvRow, { classes }: WideColumns): string | undefined {
  const bad = classes.find(({ column }) => wideLabel(fields[column]!) === undefined);
  return bad
    ? `expected 1, 0, -1 or nothing in the column ${JSON.stringify(bad.id)} of line ${line}, got ${JSON.stringify(fields[bad.column]!.slice(0, 40))}. ` +
        "List the classes in classes.txt beside the file, and other columns are ignored"
    : undefined;
}

/** Says which of the classes of a header are to be read, and keeps their order. */
export type KnowClasses = (ids: readonly string[], line: number) => boolean[];

/** A wide header is one only if its columns hold labels: else `refusal`. */
function parseHeader({ fields, line }: CsvRow): { header: Columns | WideColumns; refusal?: CslError } {
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
    const refusal = wrong(
      `expected a header with path and positives (and perhaps negatives and split) in line ${line}, got ${got}.`,
    );
    const header = columns.positives < 0 && columns.negatives < 0 ? wideColumns(fields) : undefined;
    if (!header) throw refusal;
    const ids = header.classes.map(({ id }) => id);
    const repeated = ids.find((id, i) => ids.indexOf(id) < i);
    if (repeated !== undefined)
      throw wrong(`expected the column ${repeated} once in line ${line}, got ${got}.`);
    for (const misspelt of ["positive", "negative"])
      if (names.includes(misspelt))
        throw wrong(`expected the column ${misspelt}s in line ${line}, got ${misspelt}. Rename it.`);
    return { header, refusal };
  }
  for (const column of columnNames) {
    if (names.indexOf(column) !== names.lastIndexOf(column))
      throw wrong(`expected the column ${column} once in line ${line}, got ${got}.`);
    // Ignoring a column of this name would make all of its labels un-annotated.
    const misspelt = column.endsWith("s") ? column.slice(0, -1) : `${column}s`;
    if (names.includes(misspelt) && !names.includes(column))
      throw wrong(`expected the column ${column} in line ${line}, got ${misspelt}. Rename it.`);
  }
  return { header: columns };
}
