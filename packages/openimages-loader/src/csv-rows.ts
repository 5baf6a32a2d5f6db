import { type CsvRow, scanCsv } from "@csl/internal/csv/scan-csv";
import { errorAbout } from "@csl/internal/errors/error-about";
import type { ReadBlocksOptions } from "@csl/internal/files/read-blocks";

/** The rows of a quoted CSV file, plain or gzipped, by fast-csv. @param speaker names the reader in errors. */
export async function* csvRows(
  path: string,
  speaker: string,
  options: ReadBlocksOptions = {},
): AsyncGenerator<CsvRow & { reason?: string }, void, undefined> {
  const rows = scanCsv(path, options);
  try {
    for await (const row of rows)
      yield row.bad
        ? { ...row, reason: `a misplaced or unclosed quote (${row.bad.reason.slice(0, 100)})` }
        : row;
  } catch (error) {
    throw options.signal?.aborted ? error : errorAbout(`${speaker}: ${path}`, error);
  }
}
