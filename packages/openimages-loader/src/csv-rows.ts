import { Readable } from "node:stream";
import { type ReadBlocksOptions, readBlocks } from "@csl/label-files";
import { parse } from "fast-csv";

export interface CsvRow {
  /** Where it begins, from 1 on. */
  readonly line: number;
  readonly fields: string[];
}

/** What fast-csv is given at a time: it looks through all of an unfinished row again with every piece. */
const PIECE = 1 << 16;

/**
 * The rows of a quoted CSV file, plain or gzipped, by fast-csv; blank lines are passed over.
 *
 * @param broken told where quotes went wrong; nothing more can be told apart behind that line.
 */
export async function* csvRows(
  path: string,
  { broken, ...options }: ReadBlocksOptions & { broken: (line: number, reason: string) => void },
): AsyncGenerator<CsvRow, void, undefined> {
  const failure: { reading?: unknown } = {};
  const rows = Readable.from(pieces(path, options, failure), { objectMode: false }).pipe(
    parse({ headers: false }),
  );
  let line = 1;
  try {
    for await (const fields of rows as AsyncIterable<string[]>) {
      const begin = line++;
      for (const field of fields) if (field.includes("\n")) line += field.split("\n").length - 1;
      if (fields.some((field) => field.trim() !== "")) yield { line: begin, fields };
    }
  } catch (error) {
    if (failure.reading) throw failure.reading;
    if (options.signal?.aborted || !(error as Error).message.startsWith("Parse Error")) throw error;
    broken(line, `a misplaced or unclosed quote (${(error as Error).message.slice(0, 100)})`);
    return;
  }
  if (failure.reading) throw failure.reading;
}

/** Copies, for a block is only lent. A pipe does not hand errors on, so they are left in `failure`. */
async function* pieces(
  path: string,
  options: ReadBlocksOptions,
  failure: { reading?: unknown },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const block of readBlocks(path, options)) {
      for (let at = 0; at < block.length; at += PIECE) yield Buffer.from(block.subarray(at, at + PIECE));
    }
  } catch (error) {
    failure.reading = error;
  }
}
