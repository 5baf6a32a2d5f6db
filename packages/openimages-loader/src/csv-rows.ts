import { type CsvRow, scanCsv } from "@csl/internal/csv/scan-csv";
import type { ReadBlocksOptions } from "@csl/internal/files/read-blocks";
import { asSpoken } from "./as-spoken.js";

/**
 * The rows of a quoted CSV file, plain or gzipped, by fast-csv; blank lines are passed over.
 *
 * @param options `speaker` names the reader in errors; `broken` is told of lines with misplaced quotes, behind which
 *   the reading goes on.
 */
export async function* csvRows(
  path: string,
  {
    speaker,
    broken,
    ...options
  }: ReadBlocksOptions & { speaker: string; broken: (line: number, reason: string) => void },
): AsyncGenerator<CsvRow, void, undefined> {
  try {
    yield* scanCsv(path, { ...options, onBadLine: broken });
  } catch (error) {
    throw options.signal?.aborted ? error : asSpoken(speaker, error, path);
  }
}
