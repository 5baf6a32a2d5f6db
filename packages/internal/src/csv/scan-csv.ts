import { type ReadBlocksOptions, readBlocks } from "../files/read-blocks.js";
import { CsvReader, MOST_BAD_LINES } from "./csv-reader.js";

/** A row of a CSV file, its fields without their quotes. */
export interface CsvRow {
  /** Where it begins, from 1 on. */
  readonly line: number;
  readonly fields: string[];
}

export interface ScanCsvOptions extends ReadBlocksOptions {
  /** Told of a line with misplaced quotes, which is left out; what it throws ends the scan. */
  onBadLine: (line: number, reason: string, text: string) => void;
}

/**
 * The rows of a quoted CSV file (RFC 4180), plain or gzipped, by fast-csv; blank lines are passed over. Behind a line
 * at which fast-csv gives up, the reading goes on.
 *
 * @throws for a file that cannot be read, and after a hundred bad lines.
 */
export async function* scanCsv(
  path: string,
  { onBadLine, ...options }: ScanCsvOptions,
): AsyncGenerator<CsvRow, void, undefined> {
  let ready: CsvRow[] = [];
  const reader = new CsvReader(
    {
      row(line, fields) {
        if (fields.some((field) => field.trim() !== "")) ready.push({ line, fields });
      },
      badLine: (line, { text, reason }) =>
        onBadLine(line, `a misplaced or unclosed quote (${reason.slice(0, 100)})`, text),
    },
    ",",
  );
  const taken = (): CsvRow[] => {
    const rows = ready;
    ready = [];
    return rows;
  };
  for await (const block of readBlocks(path, options)) {
    await reader.write(block);
    yield* taken();
    if (reader.gaveUp) break;
  }
  await reader.end();
  yield* taken();
  if (reader.gaveUp) {
    throw new Error(
      `expected CSV in ${path}, got more than ${MOST_BAD_LINES} lines with misplaced quotes, the last in line ${reader.line}. Is it the right file?`,
    );
  }
}
