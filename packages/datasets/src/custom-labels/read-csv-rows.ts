import { CsvReader, MOST_BAD_LINES } from "@csl/internal/csv/csv-reader";
import { CsvRows } from "./csv-rows.js";
import type { TakeRow } from "./custom-row.js";
import type { ProblemLog } from "./problem-log.js";

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
  let reader: CsvReader | undefined;
  let endsLine = true;
  for await (const block of blocks) {
    reader ??= new CsvReader(rows, delimiterOf(block));
    await reader.write(block);
    endsLine = block.at(-1) === NEWLINE;
    if (reader.gaveUp) break;
  }
  await reader?.end();
  if (reader?.gaveUp) {
    const message = `more than ${MOST_BAD_LINES} lines with misplaced quotes`;
    problems.add(reader.line, "not-read", () => message);
  }
  rows.finish(endsLine);
}

/** The one that separates the header's columns. */
function delimiterOf(block: Uint8Array): string {
  const start = Buffer.from(block.subarray(0, 4096)).toString("utf8");
  const header = start.replace(/^\ufeff/, "").split("\n", 1)[0]!;
  const isHeader = (delimiter: string): boolean =>
    header.includes(delimiter) && header.split(delimiter).some((name) => /^["\s]*path["\s]*$/i.test(name));
  return [",", ";", "\t"].find(isHeader) ?? ",";
}
